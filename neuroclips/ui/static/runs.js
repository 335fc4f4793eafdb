// Live runs: one at a time for this page; what arrives of another is dropped.
import { url } from './data.js';
import { isDefault, settingNames, state, typed } from './store.js';

const ENDED = ['done', 'failed', 'cancelled'];
export const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');
const page = key(), listeners = new Set();
let current = null;
export let shown = null; // the last snapshot of the current run, null when there is none

export const ended = run => ENDED.includes(run.state);
export function subscribe(listener) { listeners.add(listener); }
const tell = () => listeners.forEach(listener => listener(shown));

// What a choice asks for, in the words of the server.
export function query(s = state) {
  const asked = new URLSearchParams({ subject: s.subject, clip: s.clip });
  for (const name of settingNames()) if (!['subject', 'clip'].includes(name) && !isDefault(name, s) && (name !== 'prompt' || typed(s))) asked.set(name, s[name]);
  if (s.weights) asked.set('weights', s.weights);
  return asked;
}

// Ask for a run and tell of it until it ends. Of one visitor the last that was asked for wins; gives what stops it.
export function follow(asked, visitor, onShow, path = '/follow') {
  const id = key(), stream = new EventSource(url(`${path}?run=${id}&visitor=${visitor}&${asked}`));
  let alive = true;
  const close = () => { alive = false; stream.close(); };
  stream.onmessage = event => {
    const now = JSON.parse(event.data);
    if (!alive || now.run !== id) return;
    if (ended(now)) close();
    onShow(now);
  };
  stream.onerror = () => {
    if (!alive || stream.readyState !== EventSource.CLOSED) return;
    close();
    onShow({ run: id, state: 'failed', message: 'the server does not answer: is it still running?' });
  };
  return () => {
    if (!alive) return;
    close();
    fetch(url(`/leave/${id}`), { method: 'POST', keepalive: true }).catch(() => {});
  };
}

export function run(s = state) {
  forget();
  const mine = shown = { state: 'asked', stages: {}, files: {}, previews: {} };
  let latest = mine;
  current = follow(query(s), page, now => {
    if (shown !== latest) return; // forgotten
    shown = latest = { ...latest, ...now };
    tell();
  });
  tell();
}

export const busy = () => Boolean(shown) && !ended(shown);

export function cancel() { // what is finished stays
  if (!busy()) return;
  current();
  shown = { ...shown, state: 'cancelled' };
  tell();
}

export function forget() { // another clip or another switch: the run is of no use any more
  if (current) current();
  current = shown = null;
}
