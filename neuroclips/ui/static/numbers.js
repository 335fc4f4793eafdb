// Numbers that a visitor types: what makes no sense is said beside the field, and nothing is changed.
import { catalogue, url } from './data.js';
import { h } from './dom.js';
import { set, state, subscribe } from './store.js';

export function field(name, label, low, high, { whole = true, digits = whole ? 3 : 4, step = 1, id = name } = {}) {
  const wrong = h('span', { class: 'nc-wrong', role: 'alert', id: `${id}-wrong` });
  const input = h('input', { type: 'text', inputMode: whole ? 'numeric' : 'decimal', id, autocomplete: 'off', 'aria-describedby': `${id}-wrong`, style: `width:${digits + 2}ch` });
  function take() {
    const text = input.value.trim(), value = Number(text), fits = text && (!whole || /^\d+$/.test(text)) && Number.isFinite(value) && value >= low && value <= high;
    wrong.textContent = fits ? '' : `${label}: got ${text ? `“${text}”` : 'nothing'}, expected ${whole ? 'a whole number' : 'a number'} from ${low} to ${high.toLocaleString('en')}; still ${state[name]}`;
    input.setAttribute('aria-invalid', String(!fits));
    if (fits) set({ [name]: value }, { push: 'slowly' });
  }
  input.addEventListener('input', take);
  input.addEventListener('keydown', event => {
    const by = { ArrowUp: step, ArrowDown: -step }[event.key];
    if (!by) return;
    event.preventDefault();
    const value = Math.min(high, Math.max(low, Number((state[name] + by).toFixed(6))));
    input.value = value; take();
  });
  input.addEventListener('blur', () => { if (wrong.textContent) { wrong.textContent = ''; draw(); } });
  function draw() { if (document.activeElement !== input || !wrong.textContent) { if (Number(input.value) !== state[name] || !input.value) input.value = state[name]; if (Number(input.value) === state[name]) { wrong.textContent = ''; input.setAttribute('aria-invalid', 'false'); } } }
  subscribe((_, changed) => { if (changed.has(name)) draw(); });
  draw();
  return { element: h('label', { class: 'nc-field' }, h('span', {}, label), input), wrong };
}

// The clip, with what goes to the one before and the one after.
export function clipField(id = 'clip') {
  const last = catalogue.clips.length - 1, { element, wrong } = field('clip', 'Test clip', 0, last, { id });
  const move = (by, label, sign) => h('button', { type: 'button', 'aria-label': label, onclick: () => set({ clip: (state.clip + by + last + 1) % (last + 1) }) }, sign);
  return { element: h('div', { class: 'nc-row' }, element, move(-1, 'Previous clip', '‹'), move(1, 'Next clip', '›')), wrong };
}

// The fields of Settings that have no switch, in the order in which the server lists them, each with its name on the
// command line; what has no effect beside the other choices takes none.
export function mountNumbers(element) {
  for (const choice of catalogue.choices.filter(c => !['captioner', 'theta', 'prompt'].includes(c.field))) {
    const { row, wrong } = choice.options.length || choice.longest ? textual(choice) : numeric(choice), input = row.lastChild;
    row.firstChild.append(' ', h('small', { class: 'nc-note' }, choice.typed));
    const draw = () => { const on = hasEffect(choice.field); input.disabled = !on; row.title = on ? '' : 'without effect beside the other choices'; row.classList.toggle('off', !on); };
    subscribe(draw); draw();
    element.append(h('div', {}, row, wrong));
  }
  const { of, all } = catalogue.alpha_modes, others = all.filter(mode => !of.includes(mode));
  if (others.length) element.append(h('p', { class: 'nc-note', id: 'alpha-modes' }, `Equation 5 begins in the mode ${of.join(' or ')} alone: ${others.join(' and ')} need a noise schedule that keeps a signal at its end, which that of these models does not.`, h('small', {}, '--alpha-mode')));
}

const starts = s => s.keyframe_from === 'blurry' && (s.alpha || s.keep_keyframe);
const EFFECT = { video_start: s => s.alpha, keyframe_start: s => s.beta && starts(s), keyframe_from: s => s.beta && (s.alpha || s.keep_keyframe), negative_prompt: s => s.video_guidance !== 1 };
const hasEffect = (name, s = state) => EFFECT[name] ? EFFECT[name](s) : s.beta || !/^(keyframe|prior)_/.test(name);

const numeric = ({ field: name, label, low, high, step }) => { const { element, wrong } = field(name, label, low, high, { whole: step === 1, step }); return { row: element, wrong }; };

function textual({ field: name, label, options, longest }) {
  const take = e => set({ [name]: e.target.value.trim() });
  const input = longest ? h('input', { type: 'text', class: 'nc-line', id: name, maxLength: longest, autocomplete: 'off', onchange: take })
    : h('select', { id: name, onchange: take }, options.map(x => h('option', { value: x }, x)));
  subscribe(() => { if (document.activeElement !== input) input.value = state[name]; }); input.value = state[name];
  return { row: h('label', { class: 'nc-field' }, h('span', {}, label), input), wrong: null };
}

// Weights that were trained in the Train tab decode in the place of the shipped ones, for their subject.
export function mountWeights(element) {
  const select = h('select', { id: 'weights', onchange: e => choose(e.target.value) });
  let trained = [];
  const choose = name => { const of = trained.find(t => t.name === name); set(of ? { weights: name, subject: of.subject } : { weights: '' }); };
  async function list() {
    trained = await (await fetch(url('/trained.json'))).json();
    select.replaceChildren(h('option', { value: '' }, 'as shipped'), ...trained.map(t => h('option', { value: t.name }, t.title)));
    select.value = state.weights;
  }
  select.addEventListener('focus', list);
  addEventListener('nc:weights', async event => { await list(); choose(event.detail); set({ tab: 'explore' }); });
  subscribe((_, changed) => {
    if (changed.has('subject') && !changed.has('weights') && state.weights) set({ weights: '' }); // they are another subject's
    if (changed.has('weights')) select.value = state.weights;
  });
  element.append(h('label', { class: 'nc-field' }, h('span', {}, 'Reconstructors'), select));
  list();
}
