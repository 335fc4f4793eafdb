// The live run of eight films of one choice: real fMRI, others', none. One for the page, whichever tab shows it.
import { ended, follow, key, query } from './runs.js';
import { onlySeen, subscribe as onChoice } from './store.js';

const visitor = key(), listeners = new Set();
let leave = null, asked = '', last = null;

export function subscribe(listener) { listeners.add(listener); }
const tell = () => listeners.forEach(listener => listener());

export const shown = () => asked === String(query()) ? last : null; // of the choice that stands
export const busy = () => Boolean(last) && !ended(last);

export function run() {
  stop();
  asked = String(query()); last = { state: 'asked', rows: {} };
  const mine = asked;
  leave = follow(asked, visitor, now => {
    if (asked !== mine || !leave) return;
    last = { ...last, ...now };
    tell();
  }, '/from_brain');
  tell();
}

export function stop() { // what is finished stays
  if (leave) leave();
  leave = null;
  if (busy()) last = { ...last, state: 'cancelled' };
  tell();
}

onChoice((_, changed) => { if (!onlySeen(changed) && !shown()) { stop(); tell(); } });
