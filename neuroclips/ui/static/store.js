// What is chosen on this page, kept in its address, so that a link brings it back and Back goes back.
const SWITCHES = { alpha: 'a', beta: 'b', gamma: 'g' };
const listeners = new Set();
export const state = {};
let defaults = {};

export const letters = (s = state) => // of the guidances that are used: without a keyframe there is no caption of it
  (s.alpha ? 'a' : '') + (s.beta ? 'b' : '') + (s.beta && s.gamma ? 'g' : '') || 'none';

export function subscribe(listener) { listeners.add(listener); return () => listeners.delete(listener); }

export function set(patch, { push = 'subject' in patch || 'clip' in patch || 'tab' in patch } = {}) {
  const changed = Object.keys(patch).filter(name => state[name] !== patch[name]);
  if (!changed.length) return;
  Object.assign(state, patch);
  history[push ? 'pushState' : 'replaceState'](null, '', address());
  for (const listener of [...listeners]) listener(state, new Set(changed));
}

export function start(values) {
  defaults = { ...values };
  Object.assign(state, defaults, read());
  addEventListener('popstate', () => {
    const now = { ...defaults, ...read() }, changed = Object.keys(now).filter(name => state[name] !== now[name]);
    Object.assign(state, now);
    for (const listener of [...listeners]) listener(state, new Set(changed));
  });
}

export function address() {
  const query = new URLSearchParams(location.search);
  for (const name of [...Object.keys(defaults), 'guidance']) query.delete(name);
  query.set('subject', state.subject); query.set('clip', state.clip);
  if (letters() !== letters(defaults)) query.set('guidance', letters());
  for (const name of Object.keys(defaults)) {
    if (!(name in SWITCHES) && name !== 'subject' && name !== 'clip' && state[name] !== defaults[name]) query.set(name, state[name]);
  }
  return location.pathname + '?' + query;
}

// What an address says; values that are none of their kind are left out, and the others are checked by the server.
function read() {
  const found = {}, query = new URLSearchParams(location.search);
  for (const [name, text] of query) {
    if (!(name in defaults) || name in SWITCHES) continue;
    const kind = typeof defaults[name], value = kind === 'number' ? Number(text) : kind === 'boolean' ? text === 'true' : text;
    if (kind !== 'number' || (text.trim() && Number.isFinite(value))) found[name] = value;
  }
  const guidance = query.get('guidance');
  if (guidance) for (const [name, letter] of Object.entries(SWITCHES)) found[name] = guidance !== 'none' && guidance.includes(letter);
  return found;
}

export const isDefault = (name, s = state) => s[name] === defaults[name];
export const settingNames = () => Object.keys(defaults).filter(name => !['tab', 'weights'].includes(name));
