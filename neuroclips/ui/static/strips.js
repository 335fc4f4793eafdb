// Clips as examples, the true film above the decoded one: best, median, worst, random; one player moves them all.
import * as data from './data.js';
import { h, segments } from './dom.js';
import { aboutOf, scores, text } from './evaluated.js';
import { Player } from './player.js';
import { set } from './store.js';

const TOLD = ['frame_2_way', 'ssim'];
const WHY = { best: 'the highest scores', median: 'those in the middle', worst: 'failures, shown on purpose', random: 'drawn blindly' };

export function mountStrips(element) {
  const most = Math.max(0, ...Object.values(scores.subjects).flatMap(s => Object.values(s.examples || {}).map(clips => clips.length)));
  if (!most) return () => element.replaceChildren(h('p', { class: 'nc-note' }, 'No examples were stored.'));
  const player = new Player(), names = Object.keys(Object.values(scores.subjects)[0].examples), said = h('p', { class: 'nc-note', role: 'status' });
  const kinds = segments('Which clips', names.map(name => [name, name]), name => { kind = name; draw(); });
  const strips = Array.from({ length: most }, (_, i) => strip(i, player, () => subject));
  let kind = names[0], subject, seen = false;
  element.replaceChildren(h('div', { class: 'nc-row' }, kinds.element, said), h('div', { class: 'nc-strips' }, strips.map(s => s.element)), player.bar);
  new IntersectionObserver((entries, watch) => { if (entries.some(e => e.isIntersecting)) { seen = true; watch.disconnect(); draw(); } }, { rootMargin: '200px' }).observe(element);
  async function draw() {
    kinds.set(kind);
    if (!seen || subject === undefined) return; // films are fetched when they are looked at
    const of = subject, { films } = await data.films(Number(of));
    if (of !== subject) return;
    const clips = scores.subjects[subject].examples?.[kind] || [];
    said.textContent = `Subject ${subject}, ${clips.length} clips: ${WHY[kind] ?? kind}. Truth above, decoded film below; click one to open it in Explore.`;
    strips.forEach((s, i) => s.show(clips[i], films[clips[i]]?.[data.catalogue.table_2.full]));
  }
  return view => { subject = view.subject; draw(); };
}

function strip(i, player, whose) {
  const open = () => set({ subject: Number(whose()), clip, average: false, alpha: true, beta: true, gamma: true, captioner: data.catalogue.settings.captioner, prompt: '', tab: 'explore' });
  let clip;
  const films = ['truth', 'film'].map(name => { const cell = player.cell(`${name}-${i}`); cell.addEventListener('click', open); return cell; });
  const button = h('button', { type: 'button', onclick: open }), words = h('small');
  const element = h('div', { class: 'nc-strip', hidden: true }, films, button, words);
  function show(which, row) {
    element.hidden = which === undefined;
    if (element.hidden) return;
    clip = which;
    const film = row ? data.paths(Number(whose()), clip, data.catalogue.table_2.full).video : '';
    player.show(`truth-${i}`, { kind: 'video', src: data.truth(clip), label: `True film of clip ${clip}`, poster: data.url(`/thumbnails/${String(clip).padStart(3, '0')}.webp`) });
    player.show(`film-${i}`, film ? { kind: 'video', src: film, label: `Decoded film of clip ${clip}` } : { kind: 'wait', text: 'no stored film' });
    button.textContent = `Clip ${clip} ↗`; button.setAttribute('aria-label', `Open clip ${clip} in Explore`);
    words.textContent = row ? TOLD.map(name => `${aboutOf(name).label} ${text(Number(row.scores.video[name]), 2)}`).join(', ') : '';
  }
  return { element, show };
}
