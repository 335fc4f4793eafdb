// The section "controls" of the Brain tab.
export function mountControls(element, { root }) {
}
