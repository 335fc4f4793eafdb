// The first tab: a clip as it was shown, and every stage of what was decoded of it.
import * as data from './data.js';
import { dials } from './dials.js';
import { h, segments } from './dom.js';
import { mountFlatMap } from './flatmap.js';
import { mountGallery } from './gallery.js';
import { clipField, field, mountNumbers, mountWeights } from './numbers.js';
import { Player } from './player.js';
import * as runs from './runs.js';
import { mountShare } from './share.js';
import { mountStages } from './stages.js';
import { letters, set, state, subscribe } from './store.js';
import { begin } from './page.js';
import { mountSwitches } from './switches.js';

const AT_ONCE = ['alpha', 'beta', 'gamma', 'keep_keyframe', 'theta', 'captioner', 'weights']; // a change of these runs by itself
const MODELS = [['perception', 'Perception'], ['semantic', 'Semantics']];

export async function mount(element, { root }) {
  await begin(root);
  const { catalogue } = data, player = new Player();
  const at = Object.fromEntries(['side', 'subject', 'gallery', 'switches', 'timeline', 'map', 'dials', 'share', 'numbers'].map(name => [name, h('div', { class: `nc-${name}` })]));
  const status = h('p', { class: 'nc-status', id: 'status', role: 'status' }), go = h('button', { type: 'button', class: 'nc-go', id: 'go', onclick: () => runs.run() }, 'Reconstruct');
  const stop = h('button', { type: 'button', class: 'nc-stop', id: 'cancel', onclick: runs.cancel, disabled: true }, 'Cancel');
  const figure = (name, title, note, className) => { const cell = player.cell(name, className); cell.append(h('figcaption', {}, h('b', {}, title), h('span', { class: 'nc-badge', 'data-badge': name }, note))); return cell; };

  const subjects = Object.keys(catalogue.subjects).map(Number);
  const subject = segments('Subject (simulated)', subjects.map(s => [s, String(s)]), s => set({ subject: s }));
  const clip = clipField(), seed = field('seed', 'Seed', 0, Number.MAX_SAFE_INTEGER, { digits: 5 });
  const marks = ['best', 'median', 'worst'].map(name => h('button', { type: 'button', id: name, title: `This subject's ${name} clip by ${catalogue.ranked_by}`, onclick: () => set({ clip: catalogue.subjects[state.subject].marks[name] }) }, name));
  const surprise = h('button', { type: 'button', id: 'surprise', onclick: () => set({ clip: gallery.random() }) }, 'surprise me');
  at.subject.append(h('div', { class: 'nc-row' }, h('span', {}, 'Subject'), subject.element), clip.element, clip.wrong,
  h('div', { class: 'nc-row nc-marks' }, marks), h('div', { class: 'nc-row nc-marks' }, surprise));

  const which = segments('Voxel weights of', MODELS, model => { shownModel = model; drawMap(); });
  const mapAt = h('div', { id: 'flat' });
  let shownModel = 'perception';
  which.set(shownModel);
  at.map.append(h('div', { class: 'nc-row' }, h('h3', {}, 'Voxel weights'), which.element), mapAt);
  at.dials.append(h('h3', {}, 'Scores of this film ', h('small', {}, 'demo judges')), h('div', { class: 'nc-dial-grid', id: 'scores' }));
  const films = h('div', { class: 'nc-films', id: 'player' }, figure('truth', 'What was shown', 'simulated', 'large'), figure('video', 'Decoded from fMRI', '', 'large'));
  const stages = h('div', { class: 'nc-stages' }, figure('blurry', 'Blurry video α', ''), figure('keyframe', 'Keyframe β', ''), figure('caption', 'Caption γ', ''));
  element.classList.add('nc');
  element.replaceChildren(h('div', { class: 'nc-explore' },
    h('section', { class: 'nc-main', 'aria-label': 'Films' }, h('div', { class: 'nc-control' }, at.switches, h('div', { class: 'nc-buttons' }, go, stop)), films, player.bar, status, stages, at.timeline),
    h('section', { class: 'nc-right', 'aria-label': 'Brain and scores' }, at.map, at.dials, at.share),
    h('section', { class: 'nc-side', 'aria-label': 'Subject and clip' }, at.subject, at.gallery)),
  h('details', { class: 'nc-more' }, h('summary', {}, 'Seed, models and numbers'), h('div', {}, seed.element, seed.wrong), at.numbers));
  const gallery = mountGallery(at.gallery), showStages = mountStages(at.timeline), showFiles = mountShare(at.share);
  mountSwitches(at.switches); mountNumbers(at.numbers); mountWeights(at.numbers);

  const map = mountFlatMap(mapAt, { base: data.url('/brain/'), ...catalogue.map });
  async function drawMap() {
    const [s, model] = [state.subject, shownModel], answer = await fetch(data.url(`/weights/${s}/${model}.bin`));
    if (!answer.ok || s !== state.subject || model !== shownModel) return;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    map.show({ values: bytes, note: `${MODELS.find(m => m[0] === model)[1]} Reconstructor, subject ${s}: mean |ridge weight| of ${catalogue.subjects[s].n_voxels.toLocaleString('en')} voxels, scaled to 0..1` });
  }

  const badge = (name, text, kind = '') => { const b = element.querySelector(`[data-badge="${name}"]`); b.textContent = text; b.dataset.kind = kind; };
  const wait = text => ({ kind: 'wait', text });

  function show(name, item, text, kind) { player.show(name, item); badge(name, text, kind); }

  function draw() {
    const run = runs.shown, found = run ? null : data.stored();
    const video = (src, label) => ({ kind: 'video', src, label });
    subject.set(state.subject);
    stop.disabled = !runs.busy();
    show('truth', { ...video(data.truth(state.clip), 'True film'), poster: data.url(`/thumbnails/${String(state.clip).padStart(3, '0')}.webp`) }, 'simulated');
    const over = letters() === 'none' ? 'no brain signal in this film' : '';
    const off = { blurry: state.alpha ? '' : 'not used', keyframe: state.beta ? '' : 'off', caption: state.beta && state.gamma ? '' : 'generic words' };
    if (run) drawRun(run, off, over, video);
    else if (found) {
      const said = what => `precomputed${off[what] ? ', ' + off[what] : ''}`;
      show('blurry', video(found.blurry, 'Blurry video'), said('blurry'));
      show('keyframe', found.keyframe ? { kind: 'image', src: found.keyframe, label: 'Keyframe' } : wait('off'), found.keyframe ? 'precomputed' : 'off');
      show('caption', { kind: 'text', text: found.row.caption }, off.caption || 'precomputed');
      show('video', { ...video(found.video, 'Decoded film'), over }, 'precomputed');
      showStages(found.row.seconds ? Object.fromEntries(Object.entries(found.row.seconds).map(([k, s]) => [k, { seconds: s }])) : {}, 'precomputed,');
      drawScores(found.row.scores);
      showFiles({ name: `neuroclips-subject${state.subject}-clip${state.clip}-${found.kind}`, MP4: found.video, PNG: found.keyframe && found.zip.replace(/zip$/, 'png'), JSON: found.zip.replace(/zip$/, 'json'), ZIP: found.zip });
      status.replaceChildren(...told(found));
    } else {
      const text = found === null ? 'press Reconstruct' : '';
      for (const name of ['blurry', 'keyframe', 'caption', 'video']) show(name, wait(text), off[name] || '');
      showStages({}); drawScores(null); showFiles({ name: '' });
      status.replaceChildren(`Clip ${state.clip}, subject ${state.subject}: `, found === null ? 'not precomputed with this choice; press Reconstruct.' : 'loading.');
    }
  }

  function told(found) {
    const mark = Object.entries(catalogue.subjects[state.subject].marks).find(([, c]) => c === state.clip)?.[0], about = catalogue.clips[state.clip];
    const said = [`Clip ${state.clip}, subject ${state.subject}: `, h('b', {}, 'precomputed'), ` with seed ${found.row.seed}. Shown: ${about.caption}${about.cut ? ', with a cut' : ''}.`];
    return mark ? [...said, ` This subject’s ${mark} clip, chosen by score (${catalogue.ranked_by}).`] : said;
  }

  function drawRun(run, off, over, video) {
    const done = run.state === 'done', ended = ['done', 'failed', 'cancelled'].includes(run.state), pending = ended ? 'press Reconstruct' : 'waiting';
    const step = { blurry: 'blurry video', keyframe: 'keyframe', caption: 'caption', video: 'video' };
    for (const name of ['blurry', 'keyframe', 'video']) {
      const file = run.files[step[name]], preview = !ended && run.previews[step[name]], stage = run.stages[step[name]];
      if (name === 'keyframe' && !state.beta) show(name, wait('off'), 'off');
      else if (file) show(name, { ...(name === 'keyframe' ? { kind: 'image', src: data.here(file), label: 'Keyframe' } : video(data.here(file), name === 'video' ? 'Decoded film' : 'Blurry video')), over: name === 'video' ? over : '' },
        (stage.recalled ? 'kept from before' : `computed now, ${stage.seconds.toFixed(2)} s`) + (off[name] ? ', ' + off[name] : ''), 'live');
      else if (preview) show(name, { kind: 'image', src: preview, label: `${name} so far`, over: 'so far' }, `step ${Math.round(100 * stage.fraction)} %`, 'busy');
      else show(name, wait(pending), '', ended ? '' : 'busy');
    }
    const words = run.caption || '';
    show('caption', words ? { kind: 'text', text: words } : wait(pending), off.caption || (words ? (run.stages.caption?.recalled ? 'kept from before' : 'computed now') : ''), 'live');
    showStages(run.stages, done ? 'computed now,' : '');
    drawScores(run.scores || null);
    const home = `/nc/runs/${run.key}/`;
    showFiles(done ? { name: `neuroclips-subject${state.subject}-clip${state.clip}-seed${state.seed}`, MP4: data.here(home + 'video.mp4'), PNG: state.beta && data.here(home + 'keyframe.png'), JSON: data.here(home + 'reconstruction.json'), ZIP: data.here(home + 'all.zip') } : { name: '' });
    const place = `Clip ${state.clip}, subject ${state.subject}: `;
    const own = state.weights ? ', reconstructors of your own training' : '';
    const said = { asked: ['asking the server'], waiting: [`waiting, ${run.position || 0} before you, about ${run.expected || 0} s`], running: [h('b', {}, 'computing now'), ` with seed ${state.seed}${own}`], done: [h('b', {}, 'computed now'), ` with seed ${state.seed}${own}`], failed: [h('b', { class: 'nc-bad' }, 'failed'), `: ${run.message || ''}`], cancelled: ['cancelled; press Reconstruct'] }[run.state];
    status.replaceChildren(place, ...said, '.');
  }

  let lastScores = '';
  function drawScores(scores) {
    const key = JSON.stringify([scores, state.clip]), grid = at.dials.querySelector('.nc-dial-grid');
    if (key === lastScores) return;
    lastScores = key;
    grid.replaceChildren(...(scores ? dials(scores, state.clip) : [h('p', { class: 'nc-note' }, 'Scores come with the film.')]));
  }

  // Other combinations of this clip, and the clips beside it, so that a switch or a step needs no network.
  let timer = 0;
  function ahead() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const rows = data.table(state.subject)?.films[state.clip] || {}, kinds = Object.keys(rows);
      await data.prefetch(kinds.flatMap(kind => { const p = data.paths(state.subject, state.clip, kind); return [p.video, p.keyframe]; }));
      for (const c of [state.clip + 1, state.clip - 1].filter(c => catalogue.clips[c])) { const p = data.paths(state.subject, c, 'abg'); await data.prefetch([p.video, p.blurry, p.keyframe, data.truth(c)]); }
    }, 250);
  }

  subscribe((_, changed) => {
    if (changed.size === 1 && changed.has('tab')) return;
    runs.forget(false);
    if (changed.has('subject')) { drawMap(); data.films(state.subject).then(() => { draw(); ahead(); }); }
    if (AT_ONCE.some(name => changed.has(name)) && !changed.has('clip') && data.stored() === null) runs.run();
    draw(); ahead();
  });
  runs.subscribe(draw);
  draw(); drawMap(); ahead();
}
