// What is chosen on this page, kept in its address, so that a link brings it back and Back goes back.
export const SEEN = ['tab', 'protocol', 'average', 'map', 'layer', 'model', 'scale', 'window', 'brains', 'area', 'from_brain']; // what is looked at: no film depends on it
export const onlySeen = changed => [...changed].every(name => SEEN.includes(name));
const SWITCHES = { alpha: 'a', beta: 'b', gamma: 'g' };
const listeners = new Set();
export const state = {};
const STEPPING = 1500; // [ms] between digits and steps that belong together
let defaults = {}, stepped = 0;

export const typed = (s = state) => Boolean(s.gamma && s.prompt); // whether words are one's own
export const letters = (s = state) => // of the guidances that are used: without a keyframe there is no caption of it
  (s.alpha ? 'a' : '') + (s.beta ? 'b' : '') + (s.gamma && (s.beta || s.prompt) ? 'g' : '') || 'none';

export const lesioned = (s = state) => Boolean(s.lesion || s.keep); // whether voxels are silenced before anything is decoded
export const UNHURT = { lesion: '', keep: '', silence: 'zero' };
// Names of areas and groups, and how many discs were painted.
export function silenced(s = state) {
  const names = (s.lesion || s.keep).split(',').filter(name => name && !name.startsWith('disc:')), discs = (s.lesion || s.keep).split(',').length - names.length;
  const shown = [...names.slice(0, 4), ...(names.length > 4 ? [`${names.length - 4} more`] : []), ...(discs ? ['painted cortex'] : [])].join(', ');
  return !lesioned(s) ? '' : s.keep ? `all but ${shown} silenced` : `${shown} silenced`;
}

export function subscribe(listener) { listeners.add(listener); return () => listeners.delete(listener); }

// push : whether Back comes back to what was before; "slowly": unless something was just typed or stepped through.
export function set(patch, { push = ['subject', 'clip', ...SEEN].some(name => name in patch) } = {}) {
  const changed = Object.keys(patch).filter(name => state[name] !== patch[name]);
  if (!changed.length) return;
  Object.assign(state, patch);
  tell(changed);
  if (push === 'slowly') [push, stepped] = [Date.now() - stepped > STEPPING, Date.now()];
  remember(push);
}

// Some browsers refuse many changes of the address in a short time: then it follows with the next one.
function remember(push) {
  try { history[push ? 'pushState' : 'replaceState'](null, '', address()); } catch (error) { console.warn(error); }
}

const tell = changed => { for (const listener of [...listeners]) listener(state, new Set(changed)); };

// values : what every choice begins as. mended : gives a state whose choices there are.
export function start(values, mended) {
  defaults = { ...values };
  const asked = { ...defaults, ...read() };
  Object.assign(state, mended(asked));
  if (Object.keys(asked).some(name => asked[name] !== state[name])) remember(false);
  addEventListener('popstate', () => {
    const now = mended({ ...defaults, ...read() }), changed = Object.keys(now).filter(name => state[name] !== now[name]);
    Object.assign(state, now);
    tell(changed);
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
export const settingNames = () => Object.keys(defaults).filter(name => !['weights', ...SEEN].includes(name));
// Whether a choice changes anything beside the others.
export const counts = (name, s = state) => !isDefault(name, s) && (name !== 'prompt' || typed(s)) && (name !== 'silence' || lesioned(s));
