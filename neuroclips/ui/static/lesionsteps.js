// A clip decoded with cortex silenced, each step beside the intact one, and what each step lost.
import * as data from './data.js';
import { h } from './dom.js';
import { Player } from './player.js';
import * as runs from './runs.js';
import { ofNothing, ofRun, ofStored, truth } from './shown.js';
import { lesioned, silenced, state, UNHURT } from './store.js';

const STEPS = { blurry: 'Blurry video', keyframe: 'Keyframe', caption: 'Words', video: 'Film' };
const FILM = { film_ssim: 'ssim', film_frame_2_way: 'frame_2_way', film_video_2_way: 'video_2_way' };
const NAMED = { words_object: ['object wrong', 'object right'], words_scene: ['scene wrong', 'scene right'] };

export function mountSteps(element, about) {
  const player = new Player(), badges = {}, visitor = runs.key();
  const cell = (row, name) => {
    const figure = player.cell(row + name, 'nc-tile');
    figure.append(h('figcaption', {}, h('b', {}, name === 'truth' ? 'What was shown' : STEPS[name]), badges[row + name] = h('span', { class: 'nc-badge' })));
    return figure;
  };
  const title = h('h4', {}), table = h('tbody', {}), intactGo = h('button', { type: 'button', onclick: decodeIntact }, 'Decode intact');
  let intact = null, of = '', leave = null; // a live run of the same choice without a lesion
  element.append(
    h('h4', {}, 'Intact ', intactGo), h('div', { class: 'nc-lesion-row' }, Object.keys(STEPS).map(name => cell('intact-', name))),
    title, h('div', { class: 'nc-lesion-row' }, Object.keys(STEPS).map(name => cell('lesion-', name))),
    h('div', { class: 'nc-lesion-end' }, cell('', 'truth'),
      h('div', { class: 'nc-scrolled', tabindex: '0', role: 'region', 'aria-label': 'What each step lost' }, h('table', { class: 'nc-lesion-drop' },
        h('caption', {}, 'What each step lost on this clip; demo judges'), h('thead', {}, h('tr', {}, ['', 'intact', 'silenced', 'drop'].map(head => h('th', { scope: 'col' }, head)))), table))), player.bar);

  const whole = () => ({ ...state, ...UNHURT });
  function decodeIntact() {
    if (leave) leave();
    const s = whole();
    intact = { state: 'asked', stages: {}, files: {}, previews: {} }; of = String(runs.query(s));
    leave = runs.follow(of, visitor, now => { intact = { ...intact, ...now }; draw(); });
    draw();
  }

  function show(row, account) {
    for (const name of Object.keys(STEPS)) {
      const [item, text = '', kind = ''] = account.cells[name];
      player.show(row + name, item);
      badges[row + name].textContent = text; badges[row + name].dataset.kind = kind;
    }
  }

  // Scores of steps, each fetched once: of a run when it has another file, of a stored film by its place.
  const scores = new Map();
  function scored(address) {
    if (!scores.has(address)) {
      scores.set(address, {});
      data.json(address).then(found => { scores.set(address, found); draw(); }, () => {}); // asked again when there are more files
    }
    return scores.get(address);
  }
  const ofARun = run => {
    if (!run || !run.key || !run.files['blurry video']) return {};
    const files = Object.keys(run.files).length, end = run.state === 'done';
    return { ...scored(`/lesions/run/${run.key}/${state.clip}.json?files=${files}${end ? '&whole=1' : ''}`), ...ofAFilm(run.scores) };
  };
  const ofAFilm = found => Object.fromEntries(found ? Object.entries(FILM).map(([name, of]) => [name, found.video[of]]) : []);

  function draw() {
    const s = whole(), stored = data.stored(s);
    if (of && of !== String(runs.query(s))) { if (leave) leave(); [intact, of, leave] = [null, '', null]; }
    const run = lesioned() ? runs.shown : null, [clip, poster] = truth(state);
    player.show('truth', clip); badges.truth.textContent = poster;
    show('intact-', intact ? ofRun(intact, s) : stored ? ofStored(stored, s) : ofNothing(stored === null, s));
    show('lesion-', run ? ofRun(run, state) : ofNothing(lesioned(), state));
    intactGo.hidden = Boolean(stored) || runs.busy();
    title.textContent = lesioned() ? silenced() : 'Silenced: choose a region';
    const before = stored && stored.kind === 'abg' ? { ...scored(`/lesions/stored/${s.subject}/${s.clip}.json`), ...ofAFilm(stored.row.scores) } : ofARun(intact);
    table.replaceChildren(...Object.keys(about.scores).filter(name => name !== 'token_correlation').map(name => line(name, before[name], ofARun(run)[name])));
  }

  function line(name, a, b) {
    const said = x => x === undefined ? '–' : NAMED[name] ? NAMED[name][Math.round(x)] : x.toFixed(3), drop = a === undefined || b === undefined ? undefined : a - b;
    const bar = drop === undefined ? '' : h('i', { class: drop > 0 ? 'nc-lost' : 'nc-gained', style: `width:${Math.min(60, 60 * Math.abs(drop) / Math.max(0.1, Math.abs(a)))}px` });
    return h('tr', { 'data-score': name }, h('th', { scope: 'row' }, about.scores[name]), h('td', {}, said(a)), h('td', {}, said(b)),
      h('td', {}, drop === undefined ? '–' : `${Number(drop.toFixed(3)) < 0 ? '−' : ''}${Math.abs(drop).toFixed(NAMED[name] ? 0 : 3)}`, bar));
  }
  return draw;
}
