// "Is it from the brain?": one clip decoded from eight brains or none, side by side, and what the real one adds.
import * as runs from './brainruns.js';
import { catalogue, here, truth } from './data.js';
import { chances } from './dials.js';
import { h } from './dom.js';
import { Player } from './player.js';
import { ended } from './runs.js';
import { set, state, subscribe } from './store.js';

const HEADLINE = 'frame_2_way', FILM = 'video', STEPS = 6;
const percent = value => `${Math.round(100 * value)} %`;
const metrics = () => Object.entries(catalogue.scores).filter(([, about]) => about.floor);
const digits = (about, value) => Number(value).toFixed(about.unit === 'dB' ? 1 : 2);

// The button on Explore: it opens the strip, and decodes at once unless this choice was decoded.
export function mountAsk(button, panel) {
  let strip = null;
  function draw() {
    const open = state.from_brain;
    if (open && !strip) strip = mountStrip(panel, 'Is it from the brain?');
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (strip) strip();
  }
  const ask = () => { if (!runs.shown()) runs.run(); };
  button.addEventListener('click', () => {
    set({ from_brain: !state.from_brain });
    if (!state.from_brain) return runs.stop();
    ask(); panel.scrollIntoView({ block: 'start' }); panel.focus({ preventScroll: true });
  });
  subscribe((_, changed) => { if (changed.has('from_brain')) draw(); });
  draw(); // an address may hold it open: films are made when somebody asks
}

// title : above it, where nothing else says what it is.
export function mountStrip(element, title = '') {
  const player = new Player(), line = h('p', { class: 'nc-brain-line', role: 'status' }), why = h('p', { class: 'nc-note' }), others = h('p', { class: 'nc-brain-others' });
  const go = h('button', { type: 'button', class: 'nc-go', onclick: () => runs.busy() ? runs.stop() : runs.run() });
  const shownFilm = player.cell('brain-truth', 'nc-tile');
  shownFilm.append(h('figcaption', {}, h('b', {}, 'what was shown'), h('span', { class: 'nc-badge' }, 'simulated'), h('small', {}, 'The true film, which no decoder sees.')));
  const tiles = catalogue.brains.map(brain => tile(brain, player));
  element.classList.add('nc-strip-of-brains');
  element.replaceChildren(h('div', { class: 'nc-brain-head' }, h('h3', {}, title, ' ', h('small', {}, 'The same clip, seed and settings; only the brain differs; simulated data, demo judges')), go),
    line, others, why, h('div', { class: 'nc-brains' }, shownFilm, tiles.map(t => t.element)), player.bar);

  function draw() {
    const run = runs.shown(), rows = run?.rows || {}, busy = Boolean(run) && !ended(run);
    go.textContent = busy ? 'Stop' : run?.state === 'done' ? 'Decoded' : 'Decode all eight';
    go.disabled = run?.state === 'done';
    player.show('brain-truth', { kind: 'video', src: truth(state.clip), label: 'True film' });
    tiles.forEach(t => t.show(rows[t.name], busy, run?.shares));
    line.replaceChildren(...headline(run, rows, busy));
    others.replaceChildren(...(run?.shares ? rest(run.shares) : []));
    why.textContent = run?.shares?.[HEADLINE] ? explained(run.shares[HEADLINE]) : 'The brain share of a score is (score − floor) / (ceiling − floor). Floor: the mean of the films that know nothing of this clip. Ceiling: a film by the same generator, given the truth.';
  }
  runs.subscribe(draw); subscribe(draw); draw();
  return draw;
}

function headline(run, rows, busy) {
  const place = `Clip ${state.clip}, subject ${state.subject}: `, n = Object.values(rows).filter(row => row.state === 'done').length;
  if (!run) return [place, 'not decoded with this choice yet.'];
  if (busy) return [place, h('b', {}, 'computing now'), `, film ${Math.min(n + 1, catalogue.brains.length)} of ${catalogue.brains.length}`, waits(rows)];
  if (run.state === 'failed') return [place, h('b', { class: 'nc-bad' }, 'failed'), `: ${run.message || ''}`];
  const share = run.shares?.[HEADLINE];
  if (!share) return [place, `stopped after ${n} films.`];
  return [`Brain share of ${catalogue.scores[HEADLINE].label}: `, h('b', {}, value(share)), share.p === null ? '' : ` (${chances(share.p)})`];
}

const waits = rows => { const row = Object.values(rows).find(r => r.state === 'waiting' && r.position); return row ? `; waiting, ${row.position} before you` : ''; };
const value = share => share.value === null ? 'not known' : percent(share.value);

const rest = found => metrics().filter(([name]) => name !== HEADLINE && found[name]).map(([name, about]) => h('span', { title: found[name].why }, `${about.label} `, h('b', {}, value(found[name])), found[name].p === null ? '' : ` ${chances(found[name].p)}`));

function explained({ score, floor, ceiling, why, value: of, p, n_truths: n, beats }) {
  const about = catalogue.scores[HEADLINE], nobody = catalogue.brains.filter(b => b.floor).map(b => b.label).join(', ');
  const beyond = of > 1 ? ' Above 100 %: this film beats that of the generator that was given the truth, which single films may.' : of < 0 ? ' Below 0 %: films that know nothing of this clip fit it better.' : '';
  return `${about.label} ${digits(about, score)}. 0 % is the floor, ${floor === null ? 'not known' : digits(about, floor)}: the mean of the films that know nothing of this clip (${nobody}). `
    + `100 % is the ceiling, ${ceiling === null ? 'not known' : digits(about, ceiling)}: a film by the same generator, given the truth.${beyond}${why ? ` No share: ${why}.` : ''} `
    + (p === null ? '' : `p: how often the truth of another clip of this minute fits the real film as well; of ${n} it is never below ${(1 / n).toPrecision(2)}. `)
    + `The real film scores above ${beats.length} of the other ${catalogue.brains.length - 1}.`;
}

function tile(brain, player) {
  const element = player.cell(`brain-${brain.name}`, 'nc-tile'), badge = h('span', { class: 'nc-badge' }), bars = h('div', { class: 'nc-bars' });
  element.dataset.floor = brain.floor;
  element.append(h('figcaption', {}, h('b', {}, brain.label), badge, bars, h('small', {}, brain.meaning, brain.floor ? ' (part of the floor)' : '')));
  function show(row, busy, shares) {
    player.show(`brain-${brain.name}`, item(row, brain, busy));
    [badge.textContent, badge.dataset.kind] = said(row, busy);
    bars.replaceChildren(...(row?.scores ? metrics().map(([name, about]) => bar(name, about, Number(row.scores.video[name]), shares?.[name])) : []));
  }
  return { name: brain.name, element, show };
}

function item(row, brain, busy) {
  const preview = row && !ended(row) && row.previews && Object.values(row.previews).at(-1);
  if (row?.files?.[FILM]) return { kind: 'video', src: here(row.files[FILM]), label: `Film from ${brain.label}` };
  if (preview) return { kind: 'image', src: preview, label: `Film from ${brain.label} so far`, over: 'so far' };
  return { kind: 'wait', text: row?.why || (busy ? 'waiting' : 'not decoded yet') };
}

function said(row, busy) {
  if (!row) return ['', ''];
  const steps = Object.values(row.stages || {}), seconds = steps.reduce((sum, s) => sum + s.seconds, 0);
  if (row.state === 'done') return [row.why ? 'cannot be made' : row.kept ? 'computed before' : `computed now, ${seconds.toFixed(1)} s`, 'live'];
  return busy && row.state === 'running' ? [`step ${Math.min(steps.length, STEPS)} of ${STEPS}`, 'busy'] : ['', ''];
}

// A score as a bar, with floor and ceiling as ticks once they are known.
function bar(name, about, score, share) {
  const top = about.unit === 'dB' ? 30 : 1, at = x => `${100 * Math.min(1, Math.max(0, x / top))}%`;
  const tick = (x, kind) => x === null || x === undefined ? null : h('i', { class: kind, style: `left:${at(x)}`, title: `${kind} ${digits(about, x)}` });
  return h('div', { class: 'nc-bar-of', 'data-score': name }, h('span', {}, about.title), h('b', {}, digits(about, score)),
    h('span', { class: 'nc-bar-track' }, h('em', { style: `width:${at(score)}` }), tick(share?.floor, 'floor'), tick(share?.ceiling, 'ceiling')));
}
