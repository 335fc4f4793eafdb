// The section "loop" of the Brain tab: a film of one's own through a simulated cortex, decoded back, and compared.
import * as data from './data.js';
import { h, segments } from './dom.js';
import { LoopFilms } from './loopfilms.js';
import { LoopResult } from './loopresult.js';
import { ended, follow, key } from './runs.js';

const DIALS = [ // name, label, least, most, step, first, how its value is said
  ['noise', 'Noise', 0, 4, 0.25, 1, value => value === 0 ? 'none, so that repeats change nothing' : `${value} × that of the simulated subject`],
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
    [this.visitor, this.stop] = [key(), null];
    this.values = Object.fromEntries([['subject', Number(Object.keys(data.catalogue.subjects)[0])], ['seed', 0],
      ...DIALS.map(([name, , , , , first]) => [name, first])]);
    this.result = new LoopResult(root, about);
    const control = this.control();
    this.films = new LoopFilms(root, about, film => { this.result.truth(film); this.clear(); }, text => { this.said.textContent = text; });
    element.replaceChildren(h('p', { class: 'cl-intro' },
      'A film that nobody decoded before goes through a simulated cortex, whose truth is known: its early and motion areas see the pixels, its semantic areas are told what is shown. Noise is added as a scanner would, and the shipped decoder decodes what is left. Everything here is simulated but the film.'),
    h('div', { class: 'cl' }, h('div', { class: 'cl-side' }, this.films.element, this.settings(), control), this.result.element));
    this.films.choose(about.examples[0]);
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

  clear() {
    if (this.stop) this.end('');
    this.result.clear();
    this.said.textContent = '';
  }

  run() {
    this.clear();
    const asked = new URLSearchParams({ film: this.films.film.film, ...this.values });
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
    if (now.state === 'done' && now.record) this.result.fill(now);
  }
}
