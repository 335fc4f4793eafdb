// Mean activity of groups of areas over the samples around a clip, with a cursor that follows the player.
import { catalogue } from './data.js';
import { h, svg } from './dom.js';
import { FILM, filmOf, TR } from './samples.js';
import { set, state } from './store.js';
import { once } from './voxels.js';

const GROUPS = ['V1', 'V4', 'MT complex', 'object', 'ventral', 'scene']; // of brain.regions.GROUPS
const AROUND = 30, WIDE = 600, HIGH = 34; // samples; units of a row

/* Gives {element, draw(subject, clip), cursor(time)}. */
export function mountTraces() {
  const rows = h('div', { class: 'nc-traces-rows' });
  const axis = h('p', { class: 'nc-note' });
  const element = h('div', { class: 'nc-traces', role: 'slider', tabIndex: 0, 'aria-label': 'Sample of the film', 'aria-valuenow': String(state.clip), onkeydown: step, onclick: seek }, rows, axis);
  let first = 0, n = AROUND, most = 1, cursors = [], asked = '';

  function span(clip) {
    const start = filmOf(clip) * FILM, end = Math.min(start + FILM, catalogue.clips.length);
    n = Math.min(AROUND, end - start);
    first = Math.max(start, Math.min(clip - (n >> 1), end - n));
  }
  const x = samples => WIDE * samples / n;

  async function draw(subject, clip) {
    const now = asked = `${subject}/${clip}`, found = await once(`/activity/${subject}/traces.json`, answer => answer.json());
    if (now !== asked) return;
    span(clip);
    const shown = GROUPS.filter(group => found[group]);
    most = Math.max(0.25, Math.ceil(4 * Math.max(...shown.flatMap(group => found[group].z.slice(first, first + n).map(Math.abs)))) / 4);
    rows.replaceChildren(...shown.map(group => row(group, found[group])));
    cursors = [...rows.querySelectorAll('.nc-cursor')];
    cursor(1);
    Object.entries({ valuemin: first, valuemax: first + n - 1, valuenow: clip }).forEach(([name, value]) => element.setAttribute('aria-' + name, value));
    element.setAttribute('aria-valuetext', `Clip ${clip}: ` + shown.map(group => `${group} ${found[group].z[clip].toFixed(2)}`).join(', '));
    axis.textContent = `Mean z of each group, rows from \u2212${most} to ${most}; clips ${first} to ${first + n - 1} of one film, 2 s each; ticks: clips with a cut. Click or press ← → to go to another clip.`;
  }

  function row(group, { z, n: voxels, areas }) {
    const y = value => HIGH / 2 * (1 - Math.max(-1, Math.min(1, value / most)));
    const points = Array.from({ length: n }, (_, k) => `${x(k + 0.5).toFixed(1)},${y(z[first + k]).toFixed(1)}`).join(' ');
    const cuts = Array.from({ length: n }, (_, k) => k).filter(k => catalogue.clips[first + k].cut);
    const picture = svg('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { class: 'nc-now', x: x(state.clip - first), y: 0, width: x(1), height: HIGH }),
      svg('path', { class: 'nc-cuts', d: cuts.map(k => `M${x(k + 0.5)} 0v4`).join('') || 'M0 0' }),
      svg('path', { class: 'nc-zero', d: `M0 ${HIGH / 2}H${WIDE}` }), svg('polyline', { class: 'nc-z', points }),
      svg('path', { class: 'nc-cursor', d: `M0 0v${HIGH}` }));
    return h('div', { class: 'nc-trace', 'data-group': group, title: `${areas.join(', ')}: ${voxels} voxels` }, h('span', {}, group), picture);
  }

  /* time : of the film of the clip [s], 0 to 2. */
  function cursor(time) {
    const at = x(state.clip - first + time / TR);
    for (const line of cursors) line.setAttribute('transform', `translate(${at.toFixed(1)} 0)`);
  }

  function seek(event) {
    const picture = event.target.closest('svg');
    if (!picture) return;
    const box = picture.getBoundingClientRect(), k = Math.floor((event.clientX - box.left) / box.width * n);
    set({ clip: first + Math.max(0, Math.min(n - 1, k)) });
  }

  function step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (!by) return;
    event.preventDefault();
    set({ clip: Math.max(0, Math.min(catalogue.clips.length - 1, state.clip + by)) });
  }
  return { element, draw, cursor };
}
