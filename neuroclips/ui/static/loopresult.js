// What came of a film that went around the closed loop: films, words, maps, scores and files.
import { dials } from './dials.js';
import { h } from './dom.js';
import { mountFlatMap } from './flatmap.js';
import { Player } from './player.js';

const SECONDS = 2; // of a clip
const ROWS = 59412; // bytes of a map
const CELLS = [['truth', 'True film', 'as the simulated brain saw it'], ['video', 'Decoded film', 'simulated'],
  ['blurry', 'Blurry video', ''], ['keyframe', 'Keyframe', '']];
const MAPS = [['noise_free', 'Without noise', 'what the simulated cortex answers'], ['measured', 'As measured', 'what the decoder is given']];

export class LoopResult {
  constructor(root, about) {
    Object.assign(this, { root, about, player: new Player(), maps: null });
    this.words = h('ol', { class: 'cl-words', start: '0' });
    this.domain = h('p', { class: 'cl-domain', id: 'cl-domain', hidden: true });
    this.told = h('p', { class: 'cl-small' });
    this.scores = h('div', { class: 'nc-dial-grid cl-dials' });
    this.files = h('p', { class: 'nc-share' });
    this.brains = h('div', { class: 'cl-maps', hidden: true });
    this.recovered = h('p', { class: 'cl-small' });
    const films = CELLS.map(([name, title, note]) => { const cell = this.player.cell(`loop-${name}`); cell.append(h('figcaption', {}, h('b', {}, title), h('small', {}, note))); return cell; });
    this.element = h('div', { class: 'cl-main' }, this.domain, h('div', { class: 'cl-films' }, films), this.player.bar, this.words, this.brains, this.recovered, this.scores, this.told, this.files);
    this.player.follow(this.brains, time => { if (this.record) this.follow(time); });
  }

  truth(film) {
    this.player.show('loop-truth', { kind: 'video', src: this.root + film.src, label: 'True film' });
  }

  /* Nothing of another choice stays. */
  clear() {
    this.record = null; this.activity = {};
    for (const name of ['video', 'blurry', 'keyframe']) this.player.show(`loop-${name}`, { kind: 'wait', text: 'press Send it around' });
    for (const part of [this.words, this.scores, this.files]) part.replaceChildren();
    for (const part of [this.told, this.recovered]) part.textContent = '';
    this.domain.hidden = this.brains.hidden = true;
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
    this.anew();
    await this.draw(record);
  }

  async draw(record) {
    this.brains.hidden = false;
    this.maps ||= MAPS.map(([, title, note]) => { const box = h('div', {}); this.brains.append(h('figure', { class: 'cl-map' }, h('figcaption', {}, h('b', {}, title), h('small', {}, note)), box)); return mountFlatMap(box, { base: this.root + '/_nc/brain/', ...this.about.map }); });
    const maps = await Promise.all(MAPS.map(([name]) => fetch(this.at(`${name}.bin`)).then(answer => answer.arrayBuffer()).catch(() => null)));
    if (this.record !== record) return;
    this.activity = Object.fromEntries(MAPS.map(([name], i) => [name, maps[i]]));
    this.anew();
  }

  anew() {
    this.seen = -1;
    this.player.wake();
  }

  /* What belongs to one clip follows the films: keyframe, words and both maps. */
  follow(time) {
    const clip = Math.min(Math.floor((time || 0) / SECONDS), this.record.clips.length - 1);
    if (clip !== this.seen) this.turn(clip);
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
}
