// The Evaluate tab: stored scores between floors and ceilings, under every protocol.
import * as data from './data.js';
import { chances, dial } from './dials.js';
import { h, segments } from './dom.js';
import { repeats, retrieval, shuffled } from './curves.js';
import { about, aboutOf, chanceOf, chosen, floorOf, load, scores, spread, text, value } from './evaluated.js';
import { begin } from './page.js';
import { ablationTable, floorTable, nearTable, oddities, protocolTable, scoreTable, wordTable } from './scoretables.js';
import { set, state, subscribe } from './store.js';
import { mountStrips } from './strips.js';

const MEAN = 'mean';
const KINDS = { csv: 'of every clip, as CSV', json: 'all numbers, as JSON', html: 'report with pictures', md: 'tables in Markdown', tex: 'tables in LaTeX' };
const MARKS = { true: ['✓', 'passed', 'nc-ok'], false: ['✗', 'not passed', 'nc-bad'], null: ['–', 'not known', 'nc-note'] };

export async function mount(element, { root }) {
  await begin(root);
  await load();
  element.classList.add('nc', 'nc-evaluate');
  if (!scores) return element.replaceChildren(missing());
  const at = {}, parts = PARTS.map(([id, title, why]) => section(id, title, why, at[id] = h('div', { class: `nc-of-${id}` })));
  const choice = mountChoice(), showStrips = mountStrips(at.strips);
  element.replaceChildren(choice.element, jumps(parts), ...parts);
  function draw() {
    const view = chosen(state), { found, metrics } = view;
    choice.draw(view);
    at.scores.replaceChildren(scoreTable(view), h('div', { class: 'nc-dial-grid' }, metrics.map(name => meanDial(view, name))));
    at.protocols.replaceChildren(protocolTable(view), oddities(view));
    at.floors.replaceChildren(floorTable(view));
    at.ablations.replaceChildren(Object.keys(found.differences || {}).length ? ablationTable(view) : none('No ablations were stored: run it with --ablations.'));
    const histograms = shuffled(view);
    at.shuffled.replaceChildren(...(histograms.length ? histograms : [none(view.mean ? 'Shuffles are of one subject: choose one.' : 'None were stored.')]));
    at.curves.replaceChildren(...[retrieval(view), repeats(view)].filter(Boolean));
    const one = `subject ${view.subject}`, { words, spurious } = scores.subjects[view.subject];
    at.words.replaceChildren(words ? wordTable(words, one) : none('None were stored.'));
    at.near.replaceChildren(...(spurious?.nearest ? nearTable(spurious, one) : [none('None were stored.')]));
    showStrips(view);
  }
  at.leaks.replaceChildren(leaks());
  subscribe((_, changed) => { if (['subject', 'protocol', 'average'].some(name => changed.has(name))) draw(); });
  draw();
}

const PARTS = [
  ['scores', 'Scores: between floor and ceiling', 'A score says little by itself: beside it stands what is scored without any brain (floor), by guessing (chance), and by the same generator when all is decoded perfectly (ceiling).'],
  ['strips', 'Films: best, median, worst, random', 'Precomputed films, as in figures 8 to 10 of the paper.'],
  ['protocols', 'Protocols: side by side', 'The same films, scored as the programs of the field score them. One name stands for several measures: where three classes count as true, a guess wins a 2-way test in 75 of 100 trials.'],
  ['floors', 'Floors: what a film that knows nothing scores', '▲ marks what is at least as good as the decoded film: such a score does not show that anything was decoded.'],
  ['ablations', 'Table 2 of the paper', 'What each guidance is worth. Below each score, by how much the full model is above it on the clips that both have, with its 95 % interval, and whether the paper has the same sign.'],
  ['shuffled', 'Shuffled clips: what chance makes of the same films', 'The truth is shifted against the decoded films within each minute. Were they no better on their own truth, the line would stand among the bars.'],
  ['curves', 'Curves: retrieval and repeats', 'With more clips to choose from and fewer repeats of the scan, decoding is harder.'],
  ['near', 'Near and far: the nearest training clips', 'Were films put together from training clips, only test clips that look like one would score. A score that falls steeply from the nearest third to the farthest is a warning.'],
  ['words', 'Words: what captions say', 'What the decoded captions say, against the labels of the simulated films.'],
  ['leaks', 'Leaks: what could have been known beforehand', '✓ nothing was found, ✗ something was, – nobody could look.'],
];

const none = text => h('p', { class: 'nc-note' }, text);
const section = (id, title, why, body) => h('section', { 'aria-labelledby': `evaluate-${id}`, 'data-part': id }, h('h2', { id: `evaluate-${id}`, tabindex: '-1' }, title), h('p', { class: 'nc-note' }, why), body);

function jumps(parts) {
  const go = part => { const title = part.querySelector('h2'); title.focus({ preventScroll: true }); part.scrollIntoView(); };
  return h('nav', { class: 'nc-jumps', 'aria-label': 'Parts of the evaluation' }, parts.map(part => h('button', { type: 'button', onclick: () => go(part) }, part.querySelector('h2').textContent.split(':')[0])));
}

function missing() {
  return h('div', { class: 'nc-none' }, h('h2', {}, 'Nothing was evaluated here yet'), h('p', {}, 'This tab shows scores that are computed beforehand. This command computes them:'), h('code', {}, about.command));
}

function mountChoice() {
  const known = Object.keys(scores.subjects), options = [...known.map(s => [s, s]), ...(scores.mean ? [[MEAN, MEAN]] : [])];
  const who = segments('Subject (simulated), or the mean of all', options, x => set(x === MEAN ? { average: true } : { subject: Number(x), average: false }));
  const protocol = h('select', { id: 'protocol', onchange: e => set({ protocol: e.target.value }) });
  const { command = about.command, seed, dataset, zoo } = scores.made || {};
  const files = about.files.map(name => h('a', { class: 'nc-file', href: data.url(`/evaluation/${name}?made=${about.made}`), download: name, title: KINDS[name.split('.').pop()] ?? '' }, name));
  const element = h('div', { class: 'nc-choice' },
    h('div', { class: 'nc-row' }, h('span', {}, 'Subject'), who.element, h('label', { class: 'nc-field' }, 'Protocol', protocol)),
    h('div', { class: 'nc-share' }, h('span', {}, 'Download'), files),
    h('p', { class: 'nc-note' }, h('b', {}, 'Precomputed'), ' by ', h('code', {}, command), `: version ${scores.version}, ${dataset} data, ${zoo} zoo, seed ${seed}. Films and brains are simulated, demo judges score: no number here is comparable with the paper’s.`));
  function draw(view) {
    who.set(view.mean ? MEAN : view.subject);
    protocol.replaceChildren(...Object.keys(view.protocols).map(name => h('option', { value: name }, name)));
    protocol.value = view.protocol;
  }
  return { element, draw };
}

// The mean score of all films of a subject.
function meanDial(view, name) {
  const { found, protocol } = view, score = found.conditions.full.metrics[name], floor = floorOf(view, name), null_ = found.permutation?.[name];
  const said = null_ ? `Shuffled clips score ${text(value(null_.mean))} ± ${text(value(null_.sd))}: ${chances(value(null_.p))}.` : '';
  return dial(name, aboutOf(name), value(score.value), { floor: floor.value, why: floor.meaning, chance: chanceOf(protocol, name), ceiling: value(found.conditions.oracle?.metrics[name]?.value), beside: spread(score, 2), said });
}

function leaks() {
  const card = ({ check, passed, found }) => { const [sign, words, kind] = MARKS[passed] ?? MARKS.null; return h('li', {}, h('b', { class: kind, title: words }, h('span', { 'aria-hidden': 'true' }, sign), h('span', { class: 'nc-aloud' }, words)), h('div', {}, h('b', {}, check), h('p', {}, found))); };
  return scores.leaks?.length ? h('ul', {}, scores.leaks.map(card)) : none('No checks were stored.');
}
