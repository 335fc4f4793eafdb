// Live runs: one at a time for this page; what arrives of another is dropped.
import { url } from './data.js';
import { isDefault, settingNames, state } from './store.js';

export const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');
const visitor = key();
const listeners = new Set();
let source = null, current = '';
export let shown = null; // the last snapshot of the current run, null when there is none

export function subscribe(listener) { listeners.add(listener); }
const tell = () => listeners.forEach(listener => listener(shown));

// What a choice asks for, in the words of the server.
export function query(s = state) {
  const asked = new URLSearchParams({ subject: s.subject, clip: s.clip });
  for (const name of settingNames()) if (!['subject', 'clip'].includes(name) && !isDefault(name, s)) asked.set(name, s[name]);
  if (s.weights) asked.set('weights', s.weights);
  return asked;
}

export function run(s = state) {
  forget(false);
  const id = current = key(), asked = query(s);
  shown = { run: id, state: 'asked', asked: { ...s }, stages: {}, files: {}, previews: {} };
  tell();
  const stream = source = new EventSource(url(`/follow?run=${id}&visitor=${visitor}&${asked}`));
  stream.onmessage = event => {
    const now = JSON.parse(event.data);
    if (id !== current || now.run !== id) return stream.close();
    shown = { ...shown, ...now };
    if (['done', 'failed', 'cancelled'].includes(now.state)) stream.close();
    tell();
  };
  stream.onerror = () => {
    if (id !== current || stream.readyState !== EventSource.CLOSED) return;
    shown = { ...shown, state: 'failed', message: 'the server does not answer: is it still running?' }; tell();
  };
}

export const busy = () => Boolean(shown) && !['done', 'failed', 'cancelled'].includes(shown.state);

export function cancel() { // what is finished stays
  if (!busy()) return;
  fetch(url(`/leave/${current}`), { method: 'POST', keepalive: true }).catch(() => {});
  source.close(); current = '';
  shown = { ...shown, state: 'cancelled' }; tell();
}

export function forget(say = true) { // another clip or another switch: the run is of no use any more
  if (busy()) fetch(url(`/leave/${current}`), { method: 'POST', keepalive: true }).catch(() => {});
  if (source) source.close();
  source = null; current = ''; shown = null;
  if (say) tell();
}
