import { begin } from './page.js';
export async function mount(element, { root }) { await begin(root); }
