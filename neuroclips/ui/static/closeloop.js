// The section "loop" of the Brain tab.
export function mountCloseLoop(element, { root }) {
}
