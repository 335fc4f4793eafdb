// The first tab: a clip as it was shown, and every stage of what was decoded of it.
import * as data from './data.js';
import { dials } from './dials.js';
import { h, segments } from './dom.js';
import { mountFlatMap } from './flatmap.js';
import { mountGallery } from './gallery.js';
import { layout, markButtons } from './layout.js';
import { mountAsk } from './frombrain.js';
import { moveWith } from './moving.js';
import { clipField, field, mountNumbers, mountWeights } from './numbers.js';
import { begin } from './page.js';
import { Player } from './player.js';
import * as runs from './runs.js';
import { mountShare } from './share.js';
import { ofNothing, ofRun, ofStored, truth } from './shown.js';
import { unlessSilenced } from './silenced.js';
import { mountStages } from './stages.js';
import { lesioned, onlySeen, set, silenced, state, subscribe, typed } from './store.js';
import { mountSwitches } from './switches.js';

const AT_ONCE = ['alpha', 'beta', 'gamma', 'keep_keyframe', 'theta', 'captioner', 'prompt', 'weights', 'lesion', 'keep', 'silence']; // a change of these runs by itself
const MAPS = [['activity', 'Activity'], ['perception', 'Perception'], ['semantic', 'Semantics']];
const PATIENCE = 250; // [ms] that a choice stands before what is near it is fetched

export async function mount(element, { root }) {
  await begin(root);
  const player = new Player(), at = layout(element, player), drawMap = mountMap(at, player);
  const gallery = mountSide(at), showSubject = mountSubjects(at), showStages = mountStages(at.timeline), showFiles = mountShare(at.share), showScores = mountScores(at.scores);
  mountSwitches(at.switches); mountNumbers(at.numbers); mountWeights(at.numbers);
  at.side.append(...markButtons(name => set({ clip: data.catalogue.subjects[state.subject].marks[name] }), () => set({ clip: gallery.random() })));
  at.go.addEventListener('click', () => runs.run());
  at.stop.addEventListener('click', runs.cancel);
  mountAsk(at.ask, at.strip);

  function draw() {
    const run = runs.shown, found = run ? null : data.stored();
    const account = run ? ofRun(run, state) : found ? ofStored(found, state) : ofNothing(found === null, state);
    at.titles.video.textContent = !typed() ? lesioned() ? `Decoded with ${silenced()}` : 'Decoded from fMRI' : state.alpha || state.beta ? 'fMRI and your words' : 'Your words alone';
    at.titles.caption.textContent = typed() ? 'Your words' : 'Caption γ';
    for (const [name, [item, text = '', kind = '']] of Object.entries({ truth: truth(state), ...account.cells })) {
      const badge = element.querySelector(`[data-badge="${name}"]`);
      player.show(name, item);
      badge.textContent = text; badge.dataset.kind = kind;
    }
    showSubject(); showStages(account.stages, account.note); showScores(account.scores, account.p); showFiles(account.files);
    at.status.replaceChildren(...account.said, ...(state.lesion || state.keep ? [' ', wholeBrain()] : []));
    at.stop.disabled = !runs.busy();
  }

  const ahead = fetchAhead();
  subscribe((_, changed) => {
    if (['subject', 'clip', 'map', 'lesion', 'keep'].some(name => changed.has(name))) drawMap();
    if (onlySeen(changed)) return;
    runs.forget();
    if (changed.has('subject')) { data.films(state.subject).then(() => { draw(); ahead(); }); }
    if (AT_ONCE.some(name => changed.has(name)) && !changed.has('clip') && data.stored() === null) runs.run();
    draw(); ahead();
  });
  runs.subscribe(draw);
  draw(); drawMap(); ahead();
}

const wholeBrain = () => h('button', { type: 'button', id: 'whole-brain', onclick: () => set({ lesion: '', keep: '' }) }, 'whole brain again');

function mountSubjects(at) {
  const known = Object.keys(data.catalogue.subjects).map(Number);
  const subject = segments('Subject (simulated)', known.map(s => [s, String(s)]), s => set({ subject: s }));
  at.side.prepend(h('div', { class: 'nc-row' }, h('span', {}, 'Subject'), subject.element));
  return () => subject.set(state.subject);
}

function mountSide(at) {
  const clip = clipField(), seed = field('seed', 'Seed', 0, Number.MAX_SAFE_INTEGER, { digits: 5 });
  at.side.append(clip.element, clip.wrong);
  at.seed.append(seed.element, seed.wrong);
  return mountGallery(at.gallery);
}

// What the brain did during the film, or what the reconstructors weigh of it.
function mountMap(at, player) {
  const map = mountFlatMap(at.flat, { base: data.url('/brain/'), ...data.catalogue.map });
  const active = () => shown() === 'activity', living = unlessSilenced(map, active), move = moveWith(player, { picture: map.picture, show: living.show }, active);
  const shown = () => MAPS.some(([name]) => name === state.map) ? state.map : 'activity'; // an address may hold anything
  const which = segments('Shown on the cortex', MAPS, chosen => set({ map: chosen }));
  at.which.append(which.element);
  return async () => {
    const { subject } = state, model = shown(), asked = `${subject} ${model}`;
    which.set(model);
    if (model === 'activity') { move(subject, state.clip); return living.again(); }
    const answer = await fetch(data.weights(subject, model));
    if (!answer.ok || asked !== `${state.subject} ${shown()}`) return;
    const values = new Uint8Array(await answer.arrayBuffer()), n = data.catalogue.subjects[subject].n_voxels.toLocaleString('en');
    map.show({ values, note: `${Object.fromEntries(MAPS)[model]} Reconstructor, subject ${subject}: mean |ridge weight| of ${n} voxels; 0 to 1 is its 1st to 99th percentile` });
  };
}

function mountScores(element) {
  let shown;
  return (scores, p) => {
    const key = JSON.stringify([scores, p, state.clip]);
    if (key === shown) return;
    shown = key;
    element.replaceChildren(...(scores ? dials(scores, state.clip, p) : [h('p', { class: 'nc-note' }, 'Scores come with the film.')]));
  };
}

// Other combinations of the clip, and the clips beside it, so that a switch or a step needs no network.
function fetchAhead() {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const { subject, clip } = state, kinds = Object.keys(data.table(subject)?.films[clip] || {});
      await data.prefetch(kinds.flatMap(kind => { const p = data.paths(subject, clip, kind); return [p.video, p.keyframe]; }));
      for (const near of [clip + 1, clip - 1].filter(c => data.catalogue.clips[c])) {
        const p = data.paths(subject, near, 'abg');
        if (state.clip === clip) await data.prefetch([p.video, p.blurry, p.keyframe, data.truth(near)]);
      }
    }, PATIENCE);
  };
}
