// The stored lesion matrix: what each group of areas is worth to each step, as a heat map; a row chooses its group.
import * as data from './data.js';
import { h, segments } from './dom.js';

const SHOWN = [['drop', 'drop'], ['per_100', 'per 100 voxels'], ['beyond', 'beyond random voxels'], ['only', 'what it alone can']];
const MEANING = {
  drop: 'Score of the intact brain less that with the group silenced, on the same clips; colour: its share of what silencing everything costs; bold: p < 0.05, not corrected for the many cells; n: clips, of each subject.',
  per_100: 'The drop divided by the group’s voxels, times 100, because groups differ in size.',
  beyond: 'The drop less that of as many voxels drawn at random from the whole brain.',
  only: 'Score with this group alone, everything else silenced, less that of a silenced brain; colour: its share of the intact brain’s.',
};
const finite = x => typeof x === 'number' && Number.isFinite(x);
const signed = (x, digits = 3) => !finite(x) ? '–' : (Number(x.toFixed(digits)) < 0 ? '−' : '') + Math.abs(x).toFixed(digits);
const told = p => finite(p) ? (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`) : '';

export async function mountMatrix(element, about, { choose }) {
  if (!about.matrix) { element.append(h('p', { class: 'nc-note' }, 'No lesion matrix is stored: python -m neuroclips lesions --subject all --out assets/lesions')); return; }
  const report = await data.json('/lesions/matrix.json'), people = Object.keys(report.subjects);
  let who = 'mean', what = 'drop';
  const table = h('table', { class: 'nc-matrix' }), note = h('p', { class: 'nc-note' }), hovered = h('p', { class: 'nc-status', role: 'status', id: 'matrix-said' });
  const whose = segments('Whose brain', [['mean', 'all'], ...people.map(s => [s, s])], to => { who = to; draw(); }), which = segments('What is shown', SHOWN, to => { what = to; draw(); });
  element.append(h('h4', {}, 'What each region is worth ', h('small', {}, 'precomputed, simulated subjects, demo judges')), h('div', { class: 'nc-row' }, whose.element, which.element), note,
    h('div', { class: 'nc-scrolled', tabindex: '0', role: 'region', 'aria-label': 'Lesion matrix' }, table), hovered,
    h('p', { class: 'nc-note' }, report.truth.said.join(' ')));

  const of = () => who === 'mean' ? report.mean : report.subjects[who].cells;
  function shade(cell, metric) { // share of what a whole brain is worth
    const all = of()[metric][report.whole], worth = all.drop, x = cell[what];
    if (!finite(x) || !worth) return 0;
    return what === 'per_100' ? 100 * x / worth * 0.08 * 4 : x / worth;
  }
  function cellOf(metric, group) {
    const cell = of()[metric][group], share = Math.max(-1, Math.min(1, shade(cell, metric))), sure = cell.p < 0.05;
    const said = `${about.scores[metric]}, ${group}: drop ${signed(cell.drop)}${finite(cell.low) ? ` [${signed(cell.low)}, ${signed(cell.high)}]` : ''}, ${told(cell.p)}, n = ${cell.n}${finite(cell.random) ? `; random voxels ${signed(cell.random)}, ${told(cell.beyond_p)}` : ''}`;
    const over = () => { hovered.textContent = said; };
    return h('td', { title: said, onpointerenter: over, onclick: () => choose(group), class: sure && what !== 'only' ? 'nc-sure' : '', style: `--share:${share.toFixed(3)}`, 'data-sign': share < 0 ? 'gain' : 'loss' }, signed(cell[what], what === 'per_100' ? 4 : 3));
  }
  function draw() {
    whose.set(who); which.set(what); note.textContent = MEANING[what];
    const steps = report.steps, metrics = Object.keys(steps), spans = [...new Set(Object.values(steps))];
    const n = group => who === 'mean' ? '' : report.subjects[who].voxels[group];
    table.replaceChildren(
      h('thead', {}, h('tr', {}, h('td', {}), spans.map(step => h('th', { scope: 'colgroup', colspan: String(metrics.filter(m => steps[m] === step).length) }, step))),
        h('tr', {}, h('th', { scope: 'col' }, 'silenced'), metrics.map(m => h('th', { scope: 'col' }, about.scores[m].split(': ')[1], h('small', {}, `intact ${signed(of()[m][report.whole].intact, 2)}, n = ${of()[m][report.whole].n}`))))),
      h('tbody', {}, report.groups.map(group => h('tr', {}, h('th', { scope: 'row' }, h('button', { type: 'button', 'aria-label': `Silence ${group}`, onclick: () => choose(group) }, group), h('small', {}, n(group))), metrics.map(m => cellOf(m, group))))));
  }
  draw();
}
