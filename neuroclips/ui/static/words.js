// Words of one's own in the place of the caption; those that the models cannot read are marked before a film is made.
import { catalogue } from './data.js';
import { h } from './dom.js';
import { set, state, subscribe, typed } from './store.js';

// As the demo models learnt words: in lower case, without stops.
const tidy = text => text.toLowerCase().replace(/[.,;:!?"]/g, ' ').trim().split(/\s+/).join(' ');

// Why a word says nothing to the models, '' where it does.
function unread(word, place) {
  const known = catalogue.vocabulary;
  if (!known) return '';
  return place >= known.most ? `not read: only the first ${known.most} words are` : known.words.includes(word) ? '' : 'not known to the demo models';
}

// The words, those that are not read struck.
export function marked(text) {
  return h('span', {}, text.split(' ').flatMap((word, place) => {
    const why = unread(word, place);
    return [place ? ' ' : '', why ? h('s', { class: 'nc-unread', title: why }, word) : word];
  }));
}

function account(text) {
  const wrong = text.split(' ').filter((word, place) => word && unread(word, place));
  if (!text) return ['Words of your own in the place of the decoded caption; Enter makes the film.'];
  return wrong.length ? [h('b', {}, 'Not read: '), marked(text), '. Struck words say nothing to these models.'] : ['All of it is read. Enter makes the film.'];
}

export function mountWords() {
  const { longest } = catalogue.choices.find(c => c.field === 'prompt'), known = catalogue.vocabulary;
  const input = h('input', { type: 'text', id: 'prompt', maxLength: longest, placeholder: 'your own words', autocomplete: 'off', spellcheck: false, 'aria-label': 'Your own words in the place of the caption', 'aria-describedby': 'prompt-said', oninput: say, onfocus: say, onchange: take, onblur: close, onkeydown: e => { if (e.key === 'Escape') close(); } });
  const clear = h('button', { type: 'button', id: 'clear-prompt', 'aria-label': 'Back to the decoded caption', title: 'Back to the decoded caption', onclick: () => set({ prompt: '' }) }, '×');
  const said = h('p', { id: 'prompt-said', role: 'status' });
  const all = known && h('small', {}, `The demo models know ${known.words.length} words: ${known.words.join(', ')}.`);
  const box = h('div', { class: 'nc-said', hidden: true, onmousedown: e => e.preventDefault() }, said, all); // a click in it does not leave the field
  function say() { said.replaceChildren(...account(tidy(input.value))); box.hidden = false; }
  function close() { box.hidden = true; }
  function take() {
    input.value = tidy(input.value); close();
    set({ prompt: input.value, ...(input.value && { gamma: true }) });
  }
  function draw() {
    if (tidy(input.value) !== state.prompt) input.value = state.prompt;
    clear.hidden = !state.prompt;
    input.classList.toggle('on', typed());
  }
  subscribe((_, changed) => { if (changed.has('prompt') || changed.has('gamma')) draw(); });
  draw();
  return h('span', { class: 'nc-own' }, input, clear, box);
}
