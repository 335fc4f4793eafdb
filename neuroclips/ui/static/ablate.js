// One clip under every distinct combination of guidances, side by side, with what each loses against the full model.
import * as data from './data.js';
import { h } from './dom.js';
import { clipField } from './numbers.js';
import { begin } from './page.js';
import { Player } from './player.js';
import { follow, key, query } from './runs.js';
import { set, state, subscribe } from './store.js';
import { mountWipe } from './wipe.js';

const KINDS = { abg: 'all guidances', ab: 'no caption (γ off)', bg: 'no blurry video (α off)', b: 'keyframe alone', a: 'no keyframe (β, γ off)', none: 'no brain signal', 'abg-git': 'words by GIT' };
const TABLE = [['a', 'w/o keyframe'], ['bg', 'w/o blurry clip'], ['abg-git', 'GIT for BLIP-2'], ['abg', 'full model']]; // rows of the paper's table 2
const TOLD = ['frame_2_way', 'video_2_way', 'ssim'];
const visitor = key();

const signs = kind => [...'abg'].map((letter, i) => h('i', { class: kind !== 'none' && kind.split('-')[0].includes(letter) ? 'on' : '' }, 'αβγ'[i]));
const choice = kind => { const on = kind === 'none' ? '' : kind.split('-')[0]; return { alpha: on.includes('a'), beta: on.includes('b'), gamma: on.includes('g'), captioner: kind.split('-')[1] || 'blip2' }; };

export async function mount(element, { root }) {
  await begin(root);
  const { catalogue } = data, player = new Player(), made = new Map(); // by clip and kind, what was computed on this page
  let stop = null, pair = ['abg', 'none'];
  const clip = clipField('ablate-clip'), title = h('p', { class: 'nc-status', role: 'status' }), compute = h('button', { type: 'button', class: 'nc-go', id: 'ablate-go' });
  const tiles = Object.fromEntries(Object.keys(KINDS).map(kind => [kind, tile(kind)])), truth = player.cell('ablate-truth', 'nc-tile');
  truth.append(h('figcaption', {}, h('b', {}, 'What was shown'), h('span', { class: 'nc-badge' }, 'simulated')));
  const wipe = h('div', { class: 'nc-wiped' }, h('h3', {}, 'A over B')), tableAt = h('div', { class: 'nc-table2', role: 'region', tabindex: '0', 'aria-label': 'Table 2 for this clip' });
  element.classList.add('nc');
  element.replaceChildren(h('div', { class: 'nc-control' }, h('div', {}, clip.element, clip.wrong), title, h('div', { class: 'nc-buttons' }, compute)),
    h('div', { class: 'nc-ablate' }, h('div', {}, h('div', { class: 'nc-tiles' }, truth, ...Object.values(tiles).map(t => t.figure)), player.bar), h('div', {}, wipe, tableAt)));
  const showWipe = mountWipe(wipe, player);

  function tile(kind) {
    const figure = player.cell(kind, 'nc-tile'), scores = h('ul', { class: 'nc-deltas' }), badge = h('span', { class: 'nc-badge' });
    const ab = ['A', 'B'].map((name, i) => h('button', { type: 'button', 'aria-label': `${KINDS[kind]} as film ${name}`, onclick: () => { pair[i] = kind; draw(); } }, name));
    const open = h('button', { type: 'button', title: 'Open in Explore', 'aria-label': `Open ${KINDS[kind]} in Explore`, onclick: () => set({ ...choice(kind), tab: 'explore' }) }, '↗');
    figure.append(h('figcaption', {}, h('span', { class: 'nc-signs' }, signs(kind)), h('b', {}, KINDS[kind]), badge, scores, h('span', { class: 'nc-ab' }, ab, open)));
    return { figure, scores, badge, ab };
  }

  const here = kind => ({ ...state, ...choice(kind), keep_keyframe: false });
  const name = kind => [query(here(kind))].join();
  function found(kind) {
    const computed = made.get(name(kind));
    if (computed) return computed;
    const stored = data.stored(here(kind), undefined);
    return stored ? { video: stored.video, scores: stored.row.scores, note: 'precomputed', caption: stored.row.caption } : null;
  }

  function draw() {
    const kinds = Object.keys(KINDS), missing = kinds.filter(kind => !found(kind)), full = found('abg');
    title.replaceChildren(`Clip ${state.clip}, subject ${state.subject}: `, h('b', {}, catalogue.clips[state.clip].caption), ', simulated. Differences are to the full model; demo judges.');
    compute.hidden = !missing.length && !stop;
    compute.textContent = stop ? 'Stop' : `Compute the ${missing.length} missing`;
    player.show('ablate-truth', { kind: 'video', src: data.truth(state.clip), label: 'True film' });
    for (const kind of kinds) {
      const film = found(kind), t = tiles[kind];
      player.show(kind, item(kind, film));
      t.badge.textContent = film ? film.note : ''; t.badge.dataset.kind = film && film.note !== 'precomputed' ? 'live' : '';
      t.ab.forEach((button, i) => button.setAttribute('aria-pressed', String(pair[i] === kind)));
      t.scores.replaceChildren(...(film && full ? TOLD.map(score => delta(score, film, full, kind)) : []));
    }
    showWipe(...pair.map(kind => ({ title: KINDS[kind], item: item(kind, found(kind)) })));
    drawTable();
  }

  const item = (kind, film) => film ? { kind: 'video', src: film.video, label: KINDS[kind], over: kind === 'none' ? 'no brain signal in this film' : '' } : { kind: 'wait', text: stop ? 'waiting' : 'not computed yet' };

  function delta(score, film, full, kind) {
    const about = catalogue.scores[score], value = Number(film.scores.video[score]), by = value - Number(full.scores.video[score]);
    const better = about.higher_is_better ? by > 0 : by < 0, text = kind === 'abg' ? value.toFixed(2) : (by >= 0 ? '+' : '−') + Math.abs(by).toFixed(2);
    return h('li', { class: kind === 'abg' || Math.abs(by) < 0.005 ? '' : better ? 'up' : 'down' }, h('span', {}, about.label), ' ', text);
  }

  function drawTable() {
    const names = Object.keys(catalogue.scores), rows = TABLE.map(([kind, label]) => {
      const film = found(kind);
      return h('tr', {}, h('th', { scope: 'row' }, label), names.map(n => h('td', {}, film ? Number(film.scores.video[n]).toFixed(n === 'psnr' ? 1 : 2) : '–')));
    });
    const floor = found('abg')?.scores.flat_colour;
    const foot = h('tr', { class: 'nc-floor' }, h('th', { scope: 'row' }, 'flat colour (floor)'), names.map(n => h('td', {}, floor ? Number(floor[n]).toFixed(n === 'psnr' ? 1 : 2) : '–')));
    const chance = h('tr', { class: 'nc-floor' }, h('th', { scope: 'row' }, 'chance'), names.map(n => h('td', {}, catalogue.scores[n].chance ?? '')));
    tableAt.replaceChildren(h('h3', {}, 'Table 2 of the paper, for this clip ', h('small', {}, 'simulated, demo judges')), h('table', {},
      h('thead', {}, h('tr', {}, h('td'), names.map(n => h('th', { scope: 'col' }, `${catalogue.scores[n].title} ${catalogue.scores[n].higher_is_better ? '↑' : '↓'}`)))), h('tbody', {}, rows, foot, chance)));
  }

  async function computeAll() {
    for (const kind of Object.keys(KINDS)) {
      if (found(kind)) continue;
      const asked = name(kind);
      const end = await new Promise(resolve => { stop = follow(query(here(kind)), visitor, now => ['done', 'failed', 'cancelled'].includes(now.state) && resolve(now)); const leave = stop; stop = () => { leave(); resolve({ state: 'cancelled' }); }; draw(); });
      if (end.state !== 'done') { if (end.message) title.textContent = end.message; break; }
      made.set(asked, { video: data.here(end.files.video), scores: end.scores, note: 'computed now', caption: end.caption });
    }
    stop = null; draw();
  }

  compute.addEventListener('click', () => { if (stop) stop(); else computeAll(); });
  subscribe((_, changed) => {
    if (changed.size === 1 && changed.has('tab')) return;
    if (stop && (changed.has('clip') || changed.has('subject'))) stop();
    data.films(state.subject).then(draw);
  });
  draw();
}
