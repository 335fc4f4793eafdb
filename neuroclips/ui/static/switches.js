// The guidances, each a switch that changes the film at once; what the method does not allow is shown as such.
import { catalogue } from './data.js';
import { h } from './dom.js';
import { set, state, subscribe, typed } from './store.js';
import { mountWords } from './words.js';

const SWITCHES = [
  ['alpha', 'α', 'blurry video', 'The decoded blurry video begins the film (and the keyframe).'],
  ['beta', 'β', 'keyframe', 'The decoded keyframe guides the film.'],
  ['gamma', 'γ', 'caption', 'The words for the keyframe guide the film.'],
];

export function mountSwitches(element) {
  const inputs = {}, labels = {};
  for (const [name, sign, what, why] of SWITCHES) {
    inputs[name] = h('input', { type: 'checkbox', role: 'switch', id: name, onchange: e => set({ [name]: e.target.checked }) });
    labels[name] = h('label', { class: 'nc-switch', title: why }, inputs[name], h('span', { class: 'nc-knob' }), h('b', {}, sign), ' ', what);
  }
  const keep = h('input', { type: 'checkbox', id: 'keep_keyframe', onchange: e => set({ keep_keyframe: e.target.checked }) });
  const kept = h('label', { class: 'nc-check', title: 'Without α the keyframe is drawn anew as well, because it begins at the first blurry frame. Keep it to see what α does to the film alone.' }, keep, 'keep the keyframe');
  const captioner = h('select', { 'aria-label': 'Captioner', id: 'captioner', onchange: e => set({ captioner: e.target.value }) },
    catalogue.choices.find(c => c.field === 'captioner').options.map(x => h('option', { value: x }, x === 'blip2' ? 'BLIP-2' : x.toUpperCase())));
  const { low, high, step } = catalogue.choices.find(c => c.field === 'theta'), said = h('output', {});
  const theta = h('input', { type: 'range', id: 'theta', min: low, max: high, step, oninput: e => { said.textContent = (+e.target.value).toFixed(2); }, onchange: e => set({ theta: +e.target.value }) });
  const mixed = h('label', { class: 'nc-check', title: 'How much of the blurry video begins the film (equation 5 of the paper; --theta on the command line).' }, 'θ', theta, said);
  const note = h('span', { class: 'nc-note', role: 'status' });
  element.append(...SWITCHES.map(([name]) => labels[name]), captioner, h('span', { class: 'nc-second' }, mixed, mountWords(), kept, note));
  function draw() {
    for (const [name] of SWITCHES) inputs[name].checked = state[name] && (name !== 'gamma' || state.beta || state.prompt);
    const wordless = !state.beta && !state.prompt;
    inputs.gamma.disabled = wordless;
    captioner.disabled = !state.beta || !state.gamma || typed();
    labels.gamma.classList.toggle('off', wordless);
    keep.checked = state.keep_keyframe; kept.hidden = state.alpha || !state.beta || state.keyframe_from === 'noise';
    captioner.value = state.captioner;
    theta.value = state.theta; said.textContent = state.theta.toFixed(2); theta.disabled = !state.alpha;
    note.textContent = wordless ? 'γ needs β: the caption describes the keyframe.' : state.beta && !state.alpha && !state.keep_keyframe && state.keyframe_from !== 'noise' ? 'α also begins the keyframe: it is drawn anew.' : '';
  }
  subscribe(draw); draw();
}
