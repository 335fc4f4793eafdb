// One clip under every distinct combination of guidances, side by side, with what each loses against the full model.
import * as data from './data.js';
import { arrow } from './dials.js';
import { h } from './dom.js';
import { clipField } from './numbers.js';
import { begin } from './page.js';
import { Player } from './player.js';
import { ended, follow, key, query } from './runs.js';
import { onlySeen, set, state, subscribe, UNHURT } from './store.js';
import { mountTable } from './table2.js';
import { mountWipe } from './wipe.js';

const KINDS = { abg: 'all guidances', ab: 'no caption (γ off)', bg: 'no blurry video (α off)', b: 'keyframe alone', a: 'no keyframe (β, γ off)', none: 'no brain signal', 'abg-git': 'words by GIT' };
const TOLD = ['frame_2_way', 'video_2_way', 'ssim'];
const ALIKE = 0.005; // differences of scores below this are called none

function choice(kind) { // the switches of a kind of film
  const [letters, captioner = data.catalogue.settings.captioner] = kind.split('-'), on = letters === 'none' ? '' : letters;
  return { alpha: on.includes('a'), beta: on.includes('b'), gamma: on.includes('g'), captioner };
}

export async function mount(element, { root }) {
  await begin(root);
  const player = new Player(), pair = ['abg', 'none'], films = new Films(draw);
  const clip = clipField('ablate-clip'), title = h('p', { class: 'nc-status', role: 'status' });
  const compute = h('button', { type: 'button', class: 'nc-go', id: 'ablate-go', onclick: () => films.compute() });
  const wiped = h('div', {}, h('h3', {}, 'A over B')), table = h('div', { class: 'nc-table2' });
  const tiles = Object.keys(KINDS).map(kind => mountTile(kind, player, i => { pair[i] = kind; draw(); }));
  const truth = player.cell('ablate-truth', 'nc-tile');
  truth.append(h('figcaption', {}, h('b', {}, 'What was shown'), h('span', { class: 'nc-badge' }, 'simulated')));
  element.classList.add('nc');
  element.replaceChildren(h('div', { class: 'nc-control' }, h('div', {}, clip.element, clip.wrong), title, h('div', { class: 'nc-buttons' }, compute)),
    h('div', { class: 'nc-ablate' }, h('div', {}, h('div', { class: 'nc-tiles' }, truth, tiles.map(tile => tile.figure)), player.bar), h('div', {}, wiped, table)));
  const showWipe = mountWipe(wiped, player), showTable = mountTable(table);

  function draw() {
    const found = kind => films.of(kind), missing = films.missing().length;
    title.replaceChildren(`Clip ${state.clip}, subject ${state.subject}: `, h('b', {}, data.catalogue.clips[state.clip].caption), ', simulated. Differences are to the full model; demo judges.', films.message);
    compute.hidden = !missing && !films.busy;
    compute.textContent = films.busy ? 'Stop' : `Compute the ${missing} missing`;
    player.show('ablate-truth', { kind: 'video', src: data.truth(state.clip), label: 'True film' });
    tiles.forEach(tile => tile.show(found(tile.kind), found('abg'), pair, films.busy));
    showWipe(...pair.map(kind => ({ title: KINDS[kind], item: item(kind, found(kind), films.busy) })));
    showTable(found);
  }

  subscribe((_, changed) => {
    if (onlySeen(changed)) return;
    if (changed.has('clip') || changed.has('subject')) films.stop();
    draw();
    if (changed.has('subject')) data.films(state.subject).then(draw);
  });
  draw();
}

// The films of the clip that is chosen: those that are stored, and those that were computed for this page.
class Films {
  constructor(draw) { Object.assign(this, { draw, made: new Map(), visitor: key(), leave: null, message: '' }); }
  get busy() { return Boolean(this.leave); }
  asked(kind) { return { ...state, ...choice(kind), keep_keyframe: false, prompt: '', ...UNHURT }; }
  missing() { return Object.keys(KINDS).filter(kind => !this.of(kind)); }

  of(kind) {
    const computed = this.made.get(String(query(this.asked(kind)))), stored = data.stored(this.asked(kind));
    return computed || (stored ? { video: stored.video, scores: stored.row.scores, note: 'precomputed' } : null);
  }

  async compute() {
    if (this.busy) return this.stop();
    this.message = '';
    for (const kind of this.missing()) {
      const name = String(query(this.asked(kind))), end = await this.run(this.asked(kind));
      if (end.state !== 'done') { this.message = end.message ? ` ${end.message}.` : ''; break; }
      const video = data.here(end.files.video);
      await data.prefetch([video]); // the server keeps the newest runs only
      this.made.set(name, { video, scores: end.scores, note: 'computed now' });
    }
    this.leave = null;
    this.draw();
  }

  run(asked) {
    return new Promise(resolve => {
      const leave = follow(query(asked), this.visitor, now => ended(now) && resolve(now));
      this.leave = () => { leave(); resolve({ state: 'cancelled' }); };
      this.draw();
    });
  }

  stop() { if (this.leave) this.leave(); }
}

function item(kind, film, busy) {
  if (!film) return { kind: 'wait', text: busy ? 'waiting' : 'not computed yet' };
  return { kind: 'video', src: film.video, label: KINDS[kind], over: kind === 'none' ? 'no brain signal in this film' : '' };
}

function mountTile(kind, player, choose) {
  const figure = player.cell(kind, 'nc-tile'), scores = h('ul', { class: 'nc-deltas' }), badge = h('span', { class: 'nc-badge' }), { alpha, beta, gamma } = choice(kind);
  const signs = [[alpha, 'α'], [beta, 'β'], [gamma, 'γ']].map(([on, sign]) => h('i', { class: on ? 'on' : '' }, sign));
  const ab = ['A', 'B'].map((name, i) => h('button', { type: 'button', 'aria-label': `${KINDS[kind]} as film ${name}`, onclick: () => choose(i) }, name));
  const open = h('button', { type: 'button', title: 'Open in Explore', 'aria-label': `Open ${KINDS[kind]} in Explore`, onclick: () => set({ ...choice(kind), prompt: '', tab: 'explore' }) }, '↗');
  figure.append(h('figcaption', {}, h('span', { class: 'nc-signs' }, signs), h('b', {}, KINDS[kind]), badge, scores, h('span', { class: 'nc-ab' }, ab, open)));
  function show(film, full, pair, busy) {
    player.show(kind, item(kind, film, busy));
    badge.textContent = film ? film.note : '';
    badge.dataset.kind = film?.note === 'computed now' ? 'live' : '';
    ab.forEach((button, i) => button.setAttribute('aria-pressed', String(pair[i] === kind)));
    scores.replaceChildren(...(film && full ? TOLD.map(score => delta(score, film, film === full || kind === 'abg' ? null : full)) : []));
  }
  return { kind, figure, show };
}

// A score of a film, or by how much it differs from that of the full model.
function delta(score, film, full) {
  const about = data.catalogue.scores[score], value = Number(film.scores.video[score]), by = full ? value - Number(full.scores.video[score]) : 0;
  const text = full ? (by >= 0 ? '+' : '−') + Math.abs(by).toFixed(2) : value.toFixed(2);
  return h('li', { class: Math.abs(by) < ALIKE ? '' : (by > 0) === about.higher_is_better ? 'up' : 'down' }, h('span', {}, about.label, ' ', arrow(about)), ' ', text);
}
