// What a map shows: subject, layer, model, scale and the window of the colour bar.
import * as data from './data.js';
import { h, segments } from './dom.js';
import { SHORT } from './layers.js';
import { set, state } from './store.js';

const MODELS = ['perception', 'semantic', 'difference'].map(model => [model, SHORT[model]]);

/* chosen : what the choice comes to now. Gives {element, draw}. */
export function controls(about, chosen) {
  const known = Object.keys(data.catalogue.subjects).map(Number);
  const subject = segments('Subject (simulated)', [...known.map(s => [s, String(s)]), ['three', 'All three']],
    s => set(s === 'three' ? { brains: 'three' } : { brains: 'one', subject: s }));
  const layer = pick('layer', Object.entries(about.layers).map(([name, { label }]) => [name, label]), name => set({ layer: name, scale: '', window: '' }));
  const model = segments('Model', MODELS, name => set({ model: name, window: '' }));
  const scale = pick('scale', Object.keys(about.scales).map(name => [name, name]), name => set({ scale: name }));
  const [low, high] = ['Lowest', 'Highest'].map(name => h('input', { type: 'range', min: 0, max: 1, step: 0.01, 'aria-label': `${name} value of the colour bar` }));
  const told = h('output', {}), reset = h('button', { type: 'button', onclick: () => set({ window: '' }) }, 'reset');
  for (const input of [low, high]) input.addEventListener('input', () => {
    if (low.valueAsNumber >= high.valueAsNumber) input.value = input === low ? high.valueAsNumber - 0.01 : low.valueAsNumber + 0.01;
    set({ window: `${low.valueAsNumber}-${high.valueAsNumber}` }, { push: 'slowly' });
  });
  const field = (name, ...inside) => h('label', { class: 'nc-field' }, h('span', {}, name), inside);
  const element = h('div', { class: 'nc-row nc-map-controls' },
    h('span', { class: 'nc-field' }, 'Subject', subject.element), field('Layer', layer), model.element, field('Scale', scale),
    h('span', { class: 'nc-field nc-window', role: 'group', 'aria-label': 'Window of the colour bar' }, 'Colours', low, high, told, reset));

  function draw() {
    const now = chosen();
    subject.set(state.brains === 'three' ? 'three' : state.subject);
    [layer.value, scale.value] = [now.layer, now.scale];
    model.set(now.model);
    model.element.disabled = now.model === 'none';
    model.element.title = now.model === 'none' ? 'this layer is of the brain, not of a model' : '';
    [low.value, high.value] = now.window;
    told.textContent = `${now.signed ? '± ' : ''}${now.window.map(x => x.toFixed(2)).join(' to ')}`;
    reset.disabled = !state.window;
  }
  return { element, draw };
}

function pick(name, options, choose) {
  return h('select', { 'data-pick': name, onchange: event => choose(event.target.value) }, options.map(([value, text]) => h('option', { value }, text)));
}
