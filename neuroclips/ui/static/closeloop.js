// The section "loop" of the Brain tab: a film of one's own through a simulated cortex, decoded back, and compared.
import * as data from './data.js';
import { h, segments } from './dom.js';
import { dials } from './dials.js';
import { mountFlatMap } from './flatmap.js';
import { Player } from './player.js';
import { ended, follow, key } from './runs.js';

const SECONDS = 2; // of a clip
const ROWS = 59412; // bytes of a map
const CELLS = [['truth', 'True film', 'as the simulated brain saw it'], ['video', 'Decoded film', 'simulated'],
  ['blurry', 'Blurry video', ''], ['keyframe', 'Keyframe', '']];
const MAPS = [['noise_free', 'Without noise', 'what the simulated cortex answers'], ['measured', 'As measured', 'what the decoder is given']];
const DIALS = [ // name, label, least, most, step, first, how its value is said
  ['noise', 'Noise', 0, 4, 0.25, 1, value => value === 0 ? 'none' : `${value} × that of the simulated subject`],
  ['repeats', 'Repeats', 1, 10, 1, 10, value => value === 1 ? 'one showing' : `${value} showings, averaged`],
  ['density', 'Voxels', 0.05, 1, 0.05, 1, value => `${Math.round(100 * value)} % are kept, the others silenced`],
];

export function mountCloseLoop(element, { root }) {
  const watch = new IntersectionObserver(seen => {
    if (!seen.some(entry => entry.isIntersecting)) return;
    watch.disconnect();
    data.json('/loop/about.json').then(about => new Loop(element, root, about), () => {
      element.replaceChildren(h('p', { role: 'alert' }, 'The closed loop could not be loaded: reload the page.'));
    });
  });
  element.replaceChildren(h('p', { class: 'cl-wait' }, 'Loading …'));
  watch.observe(element);
}

class Loop {
  constructor(element, root, about) {
    [this.root, this.about, this.visitor, this.stop, this.film, this.maps] = [root, about, key(), null, null, null];
    this.values = Object.fromEntries([['subject', Number(Object.keys(data.catalogue.subjects)[0])], ['seed', 0],
      ...DIALS.map(([name, , , , , first]) => [name, first])]);
    element.replaceChildren(h('p', { class: 'cl-intro' },
      'A film that nobody decoded before goes through a simulated cortex, whose truth is known: its early and motion areas see the pixels, its semantic areas are told what is shown. Noise is added as a scanner would, and the shipped decoder decodes what is left. Everything here is simulated but the film.'),
    h('div', { class: 'cl' }, h('div', { class: 'cl-side' }, this.films(), this.settings(), this.control()), this.result()));
    this.choose(about.examples[0]);
    addEventListener('pagehide', () => this.forget(true));
  }

  films() {
    this.picks = h('div', { class: 'cl-picks', role: 'radiogroup', 'aria-label': 'Film' });
    this.about.examples.forEach(film => this.offer(film, 'example'));
    this.notes = h('p', { class: 'cl-notes', role: 'status' });
    const box = h('fieldset', { class: 'cl-box' }, h('legend', {}, 'Film'), this.picks, this.notes);
    if (!this.about.may) return box.append(h('p', { class: 'cl-small' }, this.about.note)), box;
    this.file = h('input', { type: 'file', accept: 'video/*,image/gif,image/webp,.mkv,.avi', id: 'cl-file', disabled: true,
      'aria-label': `Your film of 2 s or more, at most ${this.about.most} MB`, onchange: () => this.upload() });
    this.consent = h('input', { type: 'checkbox', id: 'cl-consent', onchange: () => { this.file.disabled = !this.consent.checked; if (!this.consent.checked) this.forget(); } });
    this.drop = h('button', { type: 'button', class: 'cl-drop', hidden: true, onclick: () => this.forget() }, 'Delete my film');
    box.append(h('details', { class: 'cl-own', open: true }, h('summary', {}, 'A film of your own'),
      h('p', { class: 'cl-small' }, this.about.note), h('label', { class: 'cl-consent' }, this.consent, ' I have read this and agree'),
      this.file, this.drop));
    return box;
  }

  offer(film, kind) {
    const input = h('input', { type: 'radio', name: 'cl-film', value: film.film, onchange: () => this.choose(film) });
    const still = h('video', { src: this.root + film.src, muted: true, playsInline: true, preload: 'metadata', tabindex: '-1', 'aria-hidden': 'true' });
    const pick = h('label', { class: 'cl-pick', 'data-film': film.film }, input, still, h('span', {}, `${film.name} (${SECONDS * film.clips} s, ${kind})`));
    this.picks.append(pick);
    return input;
  }

  choose(film) {
    this.film = film;
    for (const input of this.picks.querySelectorAll('input')) input.checked = input.value === film.film;
    this.notes.textContent = film.notes.length ? `${film.name}: ${film.notes.join('; ')}.` : '';
    this.player.show('loop-truth', { kind: 'video', src: this.root + film.src, label: 'True film' });
    this.clear();
  }

  settings() {
    const who = segments('Subject', Object.keys(data.catalogue.subjects).map(s => [Number(s), s]), value => { this.values.subject = value; this.clear(); });
    who.set(this.values.subject);
    const rows = DIALS.map(([name, label, min, max, step, first, say]) => {
      const told = h('output', {}, say(first));
      const input = h('input', { type: 'range', min: String(min), max: String(max), step: String(step), value: String(first), id: `cl-${name}`,
        'aria-valuetext': say(first), oninput: () => { const value = this.values[name] = Number(input.value); told.textContent = say(value); input.setAttribute('aria-valuetext', say(value)); this.clear(); } });
      return h('label', { class: 'cl-field' }, h('b', {}, label), input, told);
    });
    this.seed = h('input', { type: 'number', min: '0', step: '1', value: '0', id: 'cl-seed', oninput: () => { this.values.seed = Number(this.seed.value || 0); this.clear(); } });
    this.shows = h('input', { type: 'text', id: 'cl-shows', maxlength: '200', placeholder: 'the demo captioner says it', oninput: () => this.clear() });
    return h('fieldset', { class: 'cl-box' }, h('legend', {}, 'Simulated subject and scanner'), h('div', { class: 'cl-field' }, h('b', {}, 'Subject'), who.element), rows,
      h('label', { class: 'cl-field' }, h('b', {}, 'Seed'), this.seed, h('output', {}, '')),
      h('label', { class: 'cl-field' }, h('b', {}, 'Shows'), this.shows, h('output', {}, 'such as “dog, beach”, or “nothing”')));
  }

  control() {
    this.go = h('button', { type: 'button', class: 'nc-button cl-go', onclick: () => this.run() }, 'Send it around');
    this.cancel = h('button', { type: 'button', class: 'nc-button', disabled: true, onclick: () => this.end('cancelled') }, 'Cancel');
    this.said = h('p', { class: 'cl-said', role: 'status', id: 'cl-said' });
    return h('div', { class: 'cl-control' }, this.go, this.cancel, this.said);
  }

  result() {
    this.player = new Player();
    this.words = h('ol', { class: 'cl-words', start: '0' });
    this.domain = h('p', { class: 'cl-domain', id: 'cl-domain', hidden: true });
    this.told = h('p', { class: 'cl-small' });
    this.scores = h('div', { class: 'nc-dial-grid cl-dials' });
    this.files = h('p', { class: 'nc-share' });
    this.brains = h('div', { class: 'cl-maps', hidden: true });
    this.recovered = h('p', { class: 'cl-small' });
    this.seen = -1;
    const films = CELLS.map(([name, title, note]) => { const cell = this.player.cell(`loop-${name}`); cell.append(h('figcaption', {}, h('b', {}, title), h('small', {}, note))); return cell; });
    requestAnimationFrame(() => this.tick());
    return h('div', { class: 'cl-main' }, this.domain, h('div', { class: 'cl-films' }, films), this.player.bar, this.words, this.brains, this.recovered, this.scores, this.told, this.files);
  }

  /* Nothing of another choice stays. */
  clear() {
    if (this.stop) this.end('');
    this.record = null; this.activity = {};
    for (const name of ['video', 'blurry', 'keyframe']) this.player.show(`loop-${name}`, { kind: 'wait', text: 'press Send it around' });
    for (const part of [this.words, this.scores, this.files]) part.replaceChildren();
    for (const part of [this.told, this.recovered, this.said]) part.textContent = '';
    this.domain.hidden = this.brains.hidden = true;
    this.seen = -1;
  }

  run() {
    this.clear();
    const asked = new URLSearchParams({ film: this.film.film, ...this.values });
    if (this.shows.value.trim()) asked.set('shows', this.shows.value);
    this.go.disabled = true; this.cancel.disabled = false;
    this.said.textContent = 'asking the server';
    this.stop = follow(asked, this.visitor, now => this.show(now), '/loop/follow');
  }

  end(said) {
    if (this.stop) this.stop();
    this.stop = null;
    this.go.disabled = false; this.cancel.disabled = true;
    this.said.textContent = said;
  }

  show(now) {
    if (!ended(now)) {
      this.said.textContent = now.state === 'waiting' ? `waiting, ${now.position} before you, about ${now.expected} s` : now.said || 'begins';
      return;
    }
    this.end(now.state === 'failed' ? `failed: ${now.message}` : now.record ? 'done' : 'deleted');
    if (now.state === 'done' && now.record) this.fill(now);
  }

  async fill({ files, record }) {
    const at = name => this.root + files[name];
    this.record = record;
    this.at = at;
    this.player.show('loop-video', { kind: 'video', src: at('video.mp4'), label: 'Decoded film' });
    this.player.show('loop-blurry', { kind: 'video', src: at('blurry.mp4'), label: 'Blurry video' });
    this.words.replaceChildren(...record.clips.map((clip, i) => h('li', {}, h('span', {}, h('b', {}, 'told '), record.told[i].shows), h('span', {}, h('b', {}, 'decoded '), clip.caption))));
    this.domain.hidden = false;
    this.domain.textContent = record.domain.sentence;
    this.domain.classList.toggle('cl-odd', !record.domain.known);
    this.told.textContent = `${record.told_note} ${record.held_note[0].toUpperCase()}${record.held_note.slice(1)}. Scores are those of demo judges, the mean over ${record.clips.length} ${record.clips.length === 1 ? 'clip' : 'clips'} of 2 s, beside one flat colour.`;
    this.scores.replaceChildren(...dials(record.scores, -1));
    const found = Object.entries(record.recovery).filter(([, value]) => value !== null).map(([name, value]) => `${name} ${value.toFixed(2)}`);
    this.recovered.textContent = `Correlation of the measured samples with those without noise: ${found.join(', ') || 'none, a sample does not vary'}.`;
    this.files.replaceChildren(...[['video.mp4', 'MP4'], ['loop.json', 'JSON'], ['samples.npz', 'fMRI (NPZ)']].map(([name, text]) => h('a', { href: at(name), download: `neuroclips-loop-${name}`, class: 'nc-file' }, text)));
    this.seen = -1;
    await this.draw(record);
  }

  async draw(record) {
    this.brains.hidden = false;
    this.maps ||= MAPS.map(([, title, note]) => { const box = h('div', {}); this.brains.append(h('figure', { class: 'cl-map' }, h('figcaption', {}, h('b', {}, title), h('small', {}, note)), box)); return mountFlatMap(box, { base: this.root + '/_nc/brain/', ...this.about.map }); });
    const maps = await Promise.all(MAPS.map(([name]) => fetch(this.at(`${name}.bin`)).then(answer => answer.arrayBuffer()).catch(() => null)));
    if (this.record !== record) return;
    this.activity = Object.fromEntries(MAPS.map(([name], i) => [name, maps[i]]));
    this.seen = -1;
  }

  /* What belongs to one clip follows the films: keyframe, words and both maps. */
  tick() {
    if (this.record && this.player.bar.offsetParent) {
      const lead = this.player.leader(), clip = Math.min(Math.floor((lead?.currentTime || 0) / SECONDS), this.record.clips.length - 1);
      if (clip !== this.seen) this.turn(clip);
    }
    requestAnimationFrame(() => this.tick());
  }

  turn(clip) {
    this.seen = clip;
    this.player.show('loop-keyframe', { kind: 'image', src: this.at(`keyframe_${clip}.webp`), label: `Keyframe of clip ${clip}` });
    [...this.words.children].forEach((row, i) => row.toggleAttribute('data-now', i === clip));
    MAPS.forEach(([name, title], i) => {
      const held = this.activity[name];
      if (held && this.maps) this.maps[i].show({ values: new Uint8Array(held, ROWS * clip, ROWS), ends: this.about.ends, note: `Clip ${clip}, z-scores, simulated`, label: `${title}, clip ${clip}` });
    });
  }

  async upload() {
    const [file] = this.file.files;
    if (!file) return;
    this.said.textContent = `${file.name} is read`;
    try {
      if (file.size > 1e6 * this.about.most) throw new Error(`got ${Math.round(file.size / 1e6)} MB, expected at most ${this.about.most} MB`);
      const answer = await fetch(data.url(`/loop/upload?consent=${this.consent.checked ? 'yes' : 'no'}&name=${encodeURIComponent(file.name)}`), { method: 'POST', body: file });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.detail || `the server refused it (${answer.status})`);
      await this.forget();
      this.own = told;
      this.offer(told, 'yours');
      this.drop.hidden = false;
      this.choose(told);
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.file.value = '';
  }

  async forget(leaving = false) {
    const own = this.own;
    if (!own) return;
    this.own = null;
    const gone = fetch(data.url(`/loop/forget/${own.film}`), { method: 'POST', keepalive: true }).catch(() => {});
    if (leaving) return;
    this.picks.querySelector(`[data-film="${own.film}"]`)?.remove();
    this.drop.hidden = true;
    if (this.film === own) this.choose(this.about.examples[0]);
    this.said.textContent = 'your film, and what was made of it, are deleted';
    await gone;
  }
}
