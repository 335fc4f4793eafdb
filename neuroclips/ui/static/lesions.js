// The section "lesions" of the Brain tab: cortex is chosen by word, click or brush, silenced, and every step decodes again.
import * as data from './data.js';
import { h, segments } from './dom.js';
import { mountBrush } from './lesionbrush.js';
import { mountMatrix } from './lesionmatrix.js';
import { mountSteps } from './lesionsteps.js';
import { clipField } from './numbers.js';
import * as runs from './runs.js';
import { lesioned, set, silenced, state, subscribe, UNHURT } from './store.js';

const CHOSEN = ['lesion', 'keep', 'silence'];
const SILENCES = [['zero', 'zero'], ['mean', 'mean'], ['noise', 'noise']];
const WHY = 'zero: the mean of z-scored fMRI; mean: of the subject’s samples; noise: Gaussian of each voxel’s own variance';
export const words = (s = state) => (s.lesion || s.keep).split(',').filter(Boolean);

export async function mountLesions(element) {
  const about = await data.json('/lesions/about.json'), past = [];
  const field = () => state.keep ? 'keep' : 'lesion';
  let mode = field(), seen = ''; // which field the next word goes to

  // Of the words of the lesion others; what was before can be had back.
  function choose(next, to = mode) {
    past.push([state.lesion, state.keep]);
    const text = [...new Set(next)].join(',');
    set({ lesion: to === 'lesion' ? text : '', keep: to === 'keep' ? text : '' });
  }
  const toggle = name => choose(words().includes(name) ? words().filter(other => other !== name) : [...words(), name]);
  const add = names => choose([...words(), ...names]);

  const how = segments('What happens to the chosen regions', [['lesion', 'silence these'], ['keep', 'keep only these']], to => { mode = to; if (lesioned()) choose(words(), to); });
  const silence = segments('What takes the place of a silenced voxel', SILENCES, kind => set({ silence: kind }));
  const undo = h('button', { type: 'button', id: 'lesion-undo', onclick: () => { const [lesion, keep] = past.pop(); set({ lesion, keep }); draw(); } }, 'Undo');
  const clear = h('button', { type: 'button', id: 'lesion-clear', onclick: () => { past.push([state.lesion, state.keep]); set(UNHURT); } }, 'Clear');
  const chips = Object.keys(about.groups).map(name => h('button', { type: 'button', class: 'nc-chip', title: about.groups[name].join(', '), onclick: () => toggle(name) }, name));
  const listed = h('datalist', { id: 'lesion-names' }, [...Object.keys(about.groups), ...about.areas].map(value => h('option', { value })));
  const wrong = h('span', { class: 'nc-wrong', role: 'alert', id: 'lesion-wrong' });
  const typed = h('input', { type: 'text', id: 'lesion-name', list: null, autocomplete: 'off', placeholder: 'V1, L_MT, ...', 'aria-describedby': 'lesion-wrong', onchange: take });
  typed.setAttribute('list', 'lesion-names');
  const chosen = h('ul', { class: 'nc-lesion-words', 'aria-label': 'Chosen regions' }), status = h('p', { class: 'nc-status', role: 'status', id: 'lesion-status' });
  const clip = clipField('lesion-clip'), flat = h('div', { id: 'lesion-flat' }), steps = h('div', {}), matrix = h('div', {}), tools = h('div', { class: 'nc-row' });
  const go = h('button', { type: 'button', class: 'nc-go', id: 'lesion-go', onclick: () => runs.run() }, 'Decode again');
  const brush = mountBrush(flat, tools, { add, toggle });

  async function take() {
    const asked = typed.value.split(',').map(word => word.trim()).filter(Boolean);
    if (!asked.length) return;
    const answer = await fetch(data.url('/lesions/mask.json?' + new URLSearchParams({ subject: state.subject, lesion: asked.join(',') })));
    wrong.textContent = answer.ok ? '' : await answer.text();
    typed.setAttribute('aria-invalid', String(!answer.ok));
    if (answer.ok) { typed.value = ''; add(asked); }
  }

  element.append(
    h('p', { class: 'nc-note' }, 'Silence cortex before anything is decoded, and see what each step loses. Brains are simulated, so which area knows what is known; demo judges score.'),
    h('div', { class: 'nc-lesions' },
      h('div', { class: 'nc-lesion-where' },
        tools, flat,
        h('div', { class: 'nc-chips', role: 'group', 'aria-label': 'Groups of areas' }, chips),
        h('div', { class: 'nc-row' }, h('label', { class: 'nc-field' }, h('span', {}, 'Region'), typed), listed, how.element, h('span', { class: 'nc-field', title: WHY }, h('span', {}, 'by'), silence.element)), wrong,
        h('div', { class: 'nc-row' }, chosen, undo, clear)),
      h('div', { class: 'nc-lesion-what' }, h('div', { class: 'nc-row' }, clip.element, go), clip.wrong, status, steps)),
    matrix);
  const drawSteps = mountSteps(steps, about);
  mountMatrix(matrix, about, { choose: name => choose(name in about.groups ? [name] : about.first, 'lesion') });

  // What the server silences, hatched on the map; told in voxels.
  async function drawMask() {
    const query = new URLSearchParams({ subject: state.subject, ...(state.lesion && { lesion: state.lesion }), ...(state.keep && { keep: state.keep }) }), asked = String(query);
    if (asked === seen) return;
    seen = asked;
    const answer = await fetch(data.url('/lesions/mask.json?' + asked));
    if (asked !== seen) return;
    if (!answer.ok) { wrong.textContent = await answer.text(); brush.hatch(''); return; }
    wrong.textContent = '';
    const { n, of, bits } = await answer.json();
    brush.hatch(bits);
    status.textContent = n ? `${silenced()}: ${n.toLocaleString('en')} of ${of.toLocaleString('en')} voxels of subject ${state.subject} (simulated)${n === of ? ': nothing of what follows is from the brain' : ''}` : 'No region is chosen: click areas or groups, paint, or type a name.';
  }

  function draw() {
    const now = words();
    mode = lesioned() ? field() : mode;
    how.set(mode); silence.set(state.silence);
    undo.disabled = !past.length; clear.disabled = !lesioned(); go.disabled = !lesioned();
    for (const chip of chips) chip.setAttribute('aria-pressed', String(now.includes(chip.textContent)));
    const discs = now.filter(word => word.startsWith('disc:'));
    chosen.replaceChildren(...now.filter(word => !word.startsWith('disc:')).map(word => item(word, () => toggle(word))), ...(discs.length ? [item(`${discs.length} brush marks`, () => choose(now.filter(word => !discs.includes(word))))] : []));
    drawMask(); drawSteps();
  }
  const item = (text, off) => h('li', {}, text, h('button', { type: 'button', 'aria-label': `Leave ${text} out`, onclick: off }, '×'));

  subscribe((_, changed) => {
    draw();
    if (!CHOSEN.some(name => changed.has(name))) return;
    queueMicrotask(() => { if (lesioned() && runs.asked !== String(runs.query())) runs.run(); }); // where Explore has not begun it
  });
  runs.subscribe(drawSteps);
  draw();
}
