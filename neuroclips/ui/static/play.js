// The game: a film decoded from a brain and two true clips; which of them did she watch?
import * as data from './data.js';
import { h, still } from './dom.js';
import { interval, judged, NUMBERS, rightOfAll, roundOf } from './rounds.js';

const KEYS = { 1: 0, 2: 1, ArrowLeft: 0, ArrowRight: 1 };
const percent = share => `${Math.round(100 * share)} %`;

export async function mount(element, { root }) {
  element.replaceChildren(h('p', { class: 'pl-wait' }, 'Loading the game …'));
  try {
    const [, pairs] = await Promise.all([data.load(root), fetch(data.url('/pairs.json')).then(answer => answer.json())]);
    new Game(element, pairs);
  } catch {
    element.replaceChildren(h('p', { class: 'pl-wait', role: 'alert' }, 'The game could not be loaded: reload the page.'));
  }
}

class Game {
  constructor(element, pairs) {
    this.clips = data.catalogue.clips;
    this.subjects = Object.keys(data.catalogue.subjects).map(Number);
    this.judges = Object.fromEntries(this.subjects.map(s => [s, judged(pairs, s, this.clips.length)]));
    this.build(element, rightOfAll(pairs, this.clips, this.subjects));
    document.addEventListener('keydown', event => this.key(event));
    this.begin();
  }

  build(element, everywhere) {
    this.film = h('video', { muted: true, loop: true, playsInline: true });
    this.about = h('span', {});
    this.choices = [0, 1].map(i => new Choice(i, () => this.choose(i)));
    this.told = h('p', { class: 'pl-told', role: 'status' });
    this.next = h('button', { type: 'button', class: 'pl-next', onclick: () => this.go(this.round.number % NUMBERS + 1) }, 'Next round');
    this.number = h('input', { type: 'number', min: 1, max: NUMBERS, onchange: () => this.jump() });
    this.bars = [new Bar('You'), new Bar('The model'), new Bar('Chance')];
    this.streak = h('p', { class: 'pl-streak' });
    const all = everywhere === null ? '' : ` Over all pairs that can be drawn it is right in ${percent(everywhere)}.`;
    this.panel = h('div', { class: 'pl' },
      h('header', { class: 'pl-head' }, h('h2', {}, 'Which of these did she watch?'),
        h('p', {}, 'The framed film was decoded from the brain activity of a simulated person. Which clip was she shown? Click, or press 1 or 2.')),
      h('div', { class: 'pl-board' },
        h('figure', { class: 'pl-film' }, this.film, h('figcaption', {}, this.about, h('span', { class: 'pl-tag' }, 'precomputed'))),
        h('div', { class: 'pl-choices', role: 'group', 'aria-label': 'Which of these did she watch?' }, this.choices.map(c => c.element))),
      h('div', { class: 'pl-after' }, this.told, this.next),
      h('section', { class: 'pl-scores', 'aria-label': 'Scores' }, this.bars.map(bar => bar.element), this.streak),
      h('div', { class: 'pl-foot' },
        h('p', {}, `The model answers the same rounds: it takes the clip whose middle frame is more like that of the film, by cosine of the demo CLIP's embeddings.${all} Ranges are 95 % intervals (Wilson). The other clip is any test clip that shows another shot.`),
        h('div', { class: 'pl-tools' }, h('label', {}, 'Round no. ', this.number),
          h('button', { type: 'button', class: 'pl-new', onclick: () => this.begin(true) }, 'New game'))));
    element.replaceChildren(this.panel);
  }

  begin(again = false) {
    [this.rounds, this.right, this.judged, this.model, this.run, this.best] = [0, 0, 0, 0, 0, 0];
    this.go(1 + Math.floor(Math.random() * NUMBERS));
    this.score();
    if (again) this.choices[0].element.focus();
  }

  files({ subject, clip, shown }) {
    return [data.paths(subject, clip, 'abg').video, ...shown.map(data.truth)];
  }

  go(number) {
    const focused = document.activeElement === this.next;
    this.round = roundOf(number, this.clips, this.subjects);
    const [film, ...truth] = this.files(this.round);
    this.answered = false;
    this.about.textContent = `Decoded, simulated subject ${this.round.subject}`;
    this.film.setAttribute('aria-label', `film decoded from the brain of simulated subject ${this.round.subject}, precomputed`);
    play(this.film, film);
    this.choices.forEach((choice, i) => choice.show(truth[i], data.url(`/thumbnails/${String(this.round.shown[i]).padStart(3, '0')}.webp`)));
    this.number.value = number;
    this.told.textContent = '';
    this.panel.classList.remove('pl-done');
    this.next.disabled = true;
    if (focused) this.choices[0].element.focus();
  }

  jump() {
    const number = Number(this.number.value);
    if (Number.isInteger(number) && number >= 1 && number <= NUMBERS) this.go(number);
    else { this.number.value = this.round.number; this.told.textContent = `Rounds have whole numbers from 1 to ${NUMBERS}.`; }
  }

  choose(i) {
    if (this.answered) return;
    const { subject, clip, other, answer, number } = this.round, judge = this.judges[subject];
    const model = judge ? (judge(clip, other) ? answer : 1 - answer) : null, right = i === answer;
    this.answered = true;
    this.rounds++; this.right += right;
    this.judged += model !== null; this.model += model === answer; // where nothing was judged, nobody was wrong
    this.run = right ? this.run + 1 : 0; this.best = Math.max(this.best, this.run);
    this.choices.forEach((choice, c) => choice.reveal(c === answer, c === i, c === model, this.caption(this.round.shown[c])));
    this.told.textContent = `${right ? 'Right' : 'No'}: she watched clip ${answer + 1}. ` +
      (model === null ? 'The model has not judged this one.' : model === answer ? 'The model found it.' : 'The model was wrong.');
    this.panel.classList.add('pl-done');
    this.next.disabled = false;
    this.next.focus({ preventScroll: true });
    this.score();
    this.files(roundOf(number % NUMBERS + 1, this.clips, this.subjects)).forEach(path => fetch(path, { priority: 'low' }).catch(() => {}));
  }

  /* The true caption is that of the middle, where the films are compared. */
  caption(clip) {
    const { caption, cut } = this.clips[clip];
    return cut ? `${caption} (has a cut)` : caption;
  }

  score() {
    this.bars[0].show(this.right, this.rounds);
    this.bars[1].show(this.model, this.judged);
    this.bars[2].fixed(0.5);
    this.streak.textContent = `Streak ${this.run}, longest ${this.best}`;
  }

  /* Digits choose from anywhere on the tab, arrows from within the game. */
  key(event) {
    const { target, key } = event, inside = target === document.body || this.panel.contains(target);
    const typing = target.closest('input, textarea, select, [contenteditable], [role=application]');
    if (!(key in KEYS) || typing || event.ctrlKey || event.metaKey || event.altKey || !this.panel.offsetParent) return;
    if (!inside && key.startsWith('Arrow')) return;
    event.preventDefault();
    this.choose(KEYS[key]);
  }
}

/* Where films may not play by themselves, a visitor starts them. */
function play(video, source) {
  video.controls = still;
  video.src = source;
  if (!still) video.play().catch(error => { video.controls = error.name === 'NotAllowedError'; });
}

class Choice {
  constructor(i, onclick) {
    this.name = `Clip ${i + 1}`;
    this.video = h('video', { muted: true, loop: true, playsInline: true, tabindex: '-1' });
    this.verdict = h('span', { class: 'pl-verdict' });
    this.caption = h('span', { class: 'pl-caption' });
    this.element = h('button', { type: 'button', class: 'pl-choice', onclick },
      h('span', { class: 'pl-frame' }, this.video, h('span', { class: 'pl-key', 'aria-hidden': 'true' }, String(i + 1))),
      this.verdict, this.caption);
  }

  show(source, poster) {
    this.video.poster = poster;
    this.video.src = source;
    if (!still) this.video.play().catch(() => {}); // its poster stays
    this.element.className = 'pl-choice';
    this.element.removeAttribute('aria-disabled');
    this.element.setAttribute('aria-label', this.name);
    [this.verdict, this.caption].forEach(node => node.replaceChildren('\u00a0'));
  }

  reveal(right, mine, models, caption) {
    this.element.classList.add(right ? 'pl-right' : 'pl-wrong');
    this.element.setAttribute('aria-disabled', 'true');
    const tags = [mine && 'you', models && 'the model'].filter(Boolean);
    const said = right ? '✓ she watched this' : '✗ another clip';
    this.verdict.replaceChildren(h('b', {}, said), ...tags.map(tag => h('span', { class: 'pl-tag' }, tag)));
    this.caption.textContent = caption;
    this.element.setAttribute('aria-label', `${this.name}: ${said.slice(2)}, ${caption}${tags.length ? ', chosen by ' + tags.join(' and ') : ''}`);
  }
}

/* A share of rounds as a point between 0 and 100 %, with its interval, over a mark at chance. */
class Bar {
  constructor(name) {
    this.text = h('span', { class: 'pl-count' });
    this.range = h('span', { class: 'pl-range' });
    this.point = h('span', { class: 'pl-point' });
    this.element = h('div', { class: 'pl-row' }, h('b', {}, name), this.text,
      h('span', { class: 'pl-bar', 'aria-hidden': 'true' }, h('span', { class: 'pl-half' }), this.range, this.point));
  }

  show(k, n) {
    const [low, high] = n ? interval(k, n) : [0, 0];
    this.text.textContent = n ? `${k} of ${n}, ${percent(k / n)} (${Math.round(100 * low)} to ${Math.round(100 * high)})` : 'no round yet';
    this.point.hidden = this.range.hidden = !n;
    this.point.style.left = `${100 * k / (n || 1)}%`;
    Object.assign(this.range.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` });
  }

  fixed(share) {
    this.text.textContent = percent(share);
    this.range.hidden = true;
    this.point.style.left = `${100 * share}%`;
  }
}
