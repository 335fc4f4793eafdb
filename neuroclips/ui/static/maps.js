// The section "maps" of the Brain tab.
export function mountMaps(element, { root }) {
}
