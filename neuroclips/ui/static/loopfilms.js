// The films of the closed loop: examples, and one of the visitor's own, which is held only while the box is ticked.
import * as data from './data.js';
import { h } from './dom.js';

const SECONDS = 2; // of a clip

/* onChoose(film) is told of each choice, say(text) of what happens to a film. */
export class LoopFilms {
  constructor(root, about, onChoose, say) {
    Object.assign(this, { root, about, onChoose, say, own: null, asked: null });
    this.picks = h('div', { class: 'cl-picks', role: 'radiogroup', 'aria-label': 'Film' });
    this.notes = h('p', { class: 'cl-notes', role: 'status' });
    this.element = h('fieldset', { class: 'cl-box' }, h('legend', {}, 'Film'), this.picks, this.notes);
    about.examples.forEach(film => this.offer(film, 'example'));
    this.element.append(about.may ? this.upload() : h('p', { class: 'cl-small' }, about.note));
    addEventListener('pagehide', () => this.forget()); // also where a browser keeps the page: it comes back without the film
  }

  upload() {
    this.file = h('input', { type: 'file', accept: 'video/*,image/gif,image/webp,.mkv,.avi', id: 'cl-file', disabled: true,
      'aria-label': `Your film of 2 s or more, at most ${this.about.most} MB`, onchange: () => this.send() });
    this.consent = h('input', { type: 'checkbox', id: 'cl-consent', onchange: () => { this.file.disabled = !this.consent.checked; if (!this.consent.checked) this.forget(); } });
    this.drop = h('button', { type: 'button', class: 'cl-drop', hidden: true, onclick: () => this.forget() }, 'Delete my film');
    return h('details', { class: 'cl-own', open: true }, h('summary', {}, 'A film of your own'), h('p', { class: 'cl-small' }, this.about.note),
      h('label', { class: 'cl-consent' }, this.consent, ' I have read this and agree'), this.file, this.drop);
  }

  offer(film, kind) {
    const input = h('input', { type: 'radio', name: 'cl-film', value: film.film, onchange: () => this.choose(film) });
    const still = h('video', { src: this.root + film.src, muted: true, playsInline: true, preload: 'metadata', tabindex: '-1', 'aria-hidden': 'true' });
    this.picks.append(h('label', { class: 'cl-pick', 'data-film': film.film }, input, still, h('span', {}, `${film.name} (${SECONDS * film.clips} s, ${kind})`)));
  }

  choose(film) {
    this.film = film;
    for (const input of this.picks.querySelectorAll('input')) input.checked = input.value === film.film;
    this.notes.textContent = film.notes.length ? `${film.name}: ${film.notes.join('; ')}.` : '';
    this.onChoose(film);
  }

  async send() {
    const [file] = this.file.files;
    if (!file) return;
    const asked = this.asked = {}; // the consent to this one
    this.say(`${file.name} is read`);
    try {
      if (file.size > 1e6 * this.about.most) throw new Error(`got ${Math.round(file.size / 1e6)} MB, expected at most ${this.about.most} MB`);
      const answer = await fetch(data.url(`/loop/upload?consent=${this.consent.checked ? 'yes' : 'no'}&name=${encodeURIComponent(file.name)}`), { method: 'POST', body: file });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.detail || `the server refused it (${answer.status})`);
      if (this.asked !== asked) { remove(told); return; } // taken back, or another was chosen, while it was sent
      this.forget();
      this.own = told;
      this.offer(told, 'yours');
      this.drop.hidden = false;
      this.choose(told);
    } catch (error) {
      if (this.asked === asked) { this.asked = null; this.say(error.message); }
    }
    this.file.value = '';
  }

  /* Delete the visitor's film, also one that is still on its way. */
  forget() {
    const { own, asked } = this;
    this.own = this.asked = null;
    if (own) {
      remove(own);
      this.picks.querySelector(`[data-film="${own.film}"]`)?.remove();
      this.drop.hidden = true;
      if (this.film === own) this.choose(this.about.examples[0]);
    }
    if (own || asked) this.say('your film, and what was made of it, are deleted');
  }
}

const remove = film => fetch(data.url(`/loop/forget/${film.film}`), { method: 'POST', keepalive: true }).catch(() => {});
