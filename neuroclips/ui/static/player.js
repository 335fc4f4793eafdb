// Films that play as one: one bar plays, scrubs and sets the speed of all. Followers are pulled to the leader.
import { media } from './data.js';
import { h, icon, still } from './dom.js';
import { marked } from './words.js';

const DRIFT = 0.03; // [s]
const FRAME = 1 / 8; // [s], of the final film

export class Player {
  /* The films rest while neither they, nor what follows them, are on the screen; then nothing is drawn. */
  constructor() {
    this.cells = new Map(); this.playing = !still; this.resting = true; this.frame = 0;
    this.followers = new Set(); this.inView = new Set();
    this.view = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) this.inView[isIntersecting ? 'add' : 'delete'](target);
      this.rest(!this.inView.size);
    });
    this.play = h('button', { type: 'button', class: 'nc-play', 'aria-label': 'Play', onclick: () => this.toggle() });
    this.scrub = h('input', { type: 'range', class: 'nc-scrub', min: 0, max: 1000, value: 0, 'aria-label': 'Position in all films' });
    this.time = h('output', { class: 'nc-time' }, '0.00 s');
    this.rate = h('select', { class: 'nc-rate', 'aria-label': 'Speed' },
      ['0.25', '0.5', '1'].map(x => h('option', { value: x, selected: x === '1' }, x + '×')));
    this.bar = h('div', { class: 'nc-bar', role: 'group', 'aria-label': 'All films together' }, this.play, this.scrub, this.time, this.rate);
    this.rate.addEventListener('change', () => this.videos().forEach(v => { v.playbackRate = +this.rate.value; }));
    this.scrub.addEventListener('input', () => this.seek((this.leader()?.duration || 2) * this.scrub.value / 1000));
    this.scrub.addEventListener('keydown', event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) { event.preventDefault(); this.step(step); }
    });
    this.view.observe(this.bar);
    this.draw(this.playing);
  }

  /* `told(time, now)` hears of every new time of the films; time is null where there is none, now is that of the picture. */
  follow(element, told) {
    this.followers.add(told);
    this.view.observe(element);
  }

  cell(name, className = '') {
    const picture = h('div', { class: 'nc-picture' }), figure = h('figure', { class: `nc-cell ${className}`, 'data-cell': name }, picture);
    this.cells.set(name, { picture, figure, key: '' });
    this.view.observe(figure);
    return figure;
  }

  // item: {kind: video|image|text|wait, src, text, typed, label, over}; a picture is kept while nothing about it changes
  show(name, item) {
    const cell = this.cells.get(name), key = JSON.stringify(item);
    if (cell.key === key) return;
    cell.key = key; cell.figure.dataset.src = item.src || '';
    cell.picture.replaceChildren(this.content(item), ...(item.over ? [h('div', { class: 'nc-over' }, item.over)] : []));
  }

  content(item) {
    if (item.kind === 'video') return this.film(item);
    if (item.kind === 'image') return h('img', { src: media(item.src), alt: item.label });
    if (item.kind === 'text') return h('blockquote', { class: 'nc-words' }, item.typed ? marked(item.text) : item.text);
    return h('div', { class: 'nc-wait' }, item.text || '');
  }

  film(item) {
    const video = h('video', { src: media(item.src), muted: true, loop: true, playsInline: true, preload: 'auto', 'aria-label': item.label });
    if (item.poster) video.poster = item.poster;
    video.addEventListener('error', () => video.replaceWith(h('div', { class: 'nc-wait' }, 'this film is not kept any more: press Reconstruct')));
    video.addEventListener('seeked', () => this.wake()); // until then there is no leader
    video.addEventListener('loadeddata', () => {
      const other = this.videos().find(v => v !== video && v.readyState > 1);
      if (other) video.currentTime = Math.min(other.currentTime, video.duration);
      video.playbackRate = +this.rate.value;
      if (this.playing && !this.resting) this.begin(video);
      this.wake();
    });
    return video;
  }

  videos() { return [...this.cells.values()].map(c => c.picture.querySelector('video')).filter(Boolean); }
  leader() { return this.videos().find(v => v.readyState > 1); }

  // A browser may refuse to play: then the button says Play, and a click starts all.
  begin(video) {
    video.play().catch(error => { if (error.name === 'NotAllowedError') this.pause(); });
  }

  toggle() { if (this.playing) this.pause(); else { this.draw(true); this.videos().forEach(v => this.begin(v)); this.wake(); } }
  pause() { this.draw(false); this.videos().forEach(v => v.pause()); }

  draw(on) {
    this.playing = on;
    this.play.replaceChildren(icon(on ? 'pause' : 'play'));
    this.play.setAttribute('aria-label', on ? 'Pause' : 'Play');
  }

  seek(time) {
    this.pause();
    this.videos().forEach(v => { v.currentTime = Math.max(0, Math.min(time, (v.duration || time) - 1e-3)); });
    this.say(time);
    this.wake();
  }

  step(frames) {
    const lead = this.leader();
    if (lead) this.seek((Math.floor(lead.currentTime / FRAME + 1e-3) + frames + 0.5) * FRAME);
  }

  say(time) {
    const lead = this.leader();
    this.time.textContent = time.toFixed(2) + ' s';
    if (lead?.duration) this.scrub.value = 1000 * time / lead.duration;
  }

  rest(hidden) {
    if (hidden === this.resting) return;
    this.resting = hidden;
    this.videos().forEach(v => hidden ? v.pause() : this.playing && this.begin(v));
    this.wake();
  }

  // One picture, and more while the films play.
  wake() {
    if (!this.resting) this.frame ||= requestAnimationFrame(now => { this.frame = 0; this.tick(now); });
  }

  tick(now) {
    const lead = this.leader();
    if (lead && this.playing) {
      for (const v of this.videos()) {
        if (v === lead || v.readyState < 2 || v.seeking) continue;
        const gap = Math.abs(v.currentTime - lead.currentTime);
        if (Math.min(gap, lead.duration - gap) > DRIFT) v.currentTime = lead.currentTime;
      }
      this.say(lead.currentTime);
    }
    for (const told of this.followers) told(lead ? lead.currentTime : null, now);
    if (lead && this.playing) this.wake();
  }
}
