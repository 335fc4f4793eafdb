// What all tabs share: the data, the state in the address, and which tab is open.
import * as data from './data.js';
import * as store from './store.js';

let ready;
export function begin(root) {
  ready ||= data.load(root).catch(error => { ready = null; throw error; }).then(() => {
    const { settings, subjects } = data.catalogue, first = Number(Object.keys(subjects)[0]), marks = subjects[first].marks;
    const { guidance, ...numbers } = settings, fields = data.catalogue.choices.map(c => c.field);
    const begins = { subject: first, clip: marks.best ?? 0, seed: numbers.seed, ...guidance, keep_keyframe: numbers.keep_keyframe,
      ...Object.fromEntries(fields.map(name => [name, numbers[name] ?? ''])), weights: '', lesion: '', keep: '', silence: 'zero', tab: 'explore', protocol: 'paper', average: false,
      map: 'activity', layer: 'weights', model: 'perception', scale: '', window: '', brains: 'one', area: '', from_brain: false };
    store.start(begins, asked => ({ ...asked,
      subject: subjects[asked.subject] ? asked.subject : first, clip: data.catalogue.clips[asked.clip] ? asked.clip : begins.clip,
      keep: asked.lesion ? '' : asked.keep, // one of them
      tab: /^\w+$/.test(asked.tab) ? asked.tab : begins.tab }));
    tabs();
    return data.films(store.state.subject);
  });
  return ready;
}

const button = tab => document.getElementById(`tab-${tab}-button`);
function tabs() {
  const open = () => { const b = button(store.state.tab); if (b && b.getAttribute('aria-selected') !== 'true') b.click(); };
  document.addEventListener('click', event => {
    const b = event.target.closest('[role="tab"]'), tab = b && /^tab-(\w+)-button$/.exec(b.id)?.[1];
    if (tab) store.set({ tab });
  });
  store.subscribe((_, changed) => { if (changed.has('tab')) open(); });
  open();
}
