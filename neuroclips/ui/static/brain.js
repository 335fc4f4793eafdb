// The Brain tab: a section each for maps, activity, lesions, controls and the closed loop, each filled by a module of its own.
import { h } from './dom.js';
import { begin } from './page.js';
import { mountActivity } from './activity.js';
import { mountCloseLoop } from './closeloop.js';
import { mountControls } from './controls.js';
import { mountLesions } from './lesions.js';
import { mountMaps } from './maps.js';

const PARTS = [
  ['maps', 'Maps of the cortex', mountMaps],
  ['activity', 'The clip’s own activity', mountActivity],
  ['controls', 'Is it from the brain?', mountControls],
  ['lesions', 'Lesions: silence a region and decode again', mountLesions],
  ['loop', 'Closed loop: your film through a simulated cortex', mountCloseLoop],
];

export async function mount(element, { root }) {
  await begin(root);
  element.classList.add('nc', 'nc-brain');
  element.replaceChildren(...PARTS.map(([id, title, fill]) => {
    const inside = h('div', { class: `nc-of-${id}` });
    Promise.resolve(fill(inside, { root })).catch(error => { console.error(error); inside.textContent = 'This section did not load: reload the page.'; });
    return h('section', { 'data-part': id, id: `brain-${id}`, 'aria-label': title }, h('h3', {}, title), inside);
  }));
}
