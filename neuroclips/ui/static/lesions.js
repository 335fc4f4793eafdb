// The section "lesions" of the Brain tab.
export function mountLesions(element, { root }) {
}
