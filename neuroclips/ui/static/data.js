// Clips, stored films and files, each fetched once.
import { counts, isDefault, letters, settingNames, state } from './store.js';

let root = '', loaded;
export let catalogue = null;
const tables = new Map(), blobs = new Map();
const BLOBS = 160; // files kept in memory, of about 15 kB each

export const url = path => root + '/_nc' + path;
export async function json(path) {
  const answer = await fetch(url(path));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export function load(prefix) {
  root = prefix;
  loaded ||= Promise.all([json('/catalogue.json'), films(Number(new URLSearchParams(location.search).get('subject')) || 1)])
    .then(([found]) => { catalogue = found; }, error => { loaded = null; throw error; });
  return loaded;
}

// While gradio's own files load: the data, and the films that an address opens on.
export async function early() {
  await load(new URL('.', location).href.replace(/\/$/, '')).catch(() => {});
  if (!catalogue) return;
  const query = new URLSearchParams(location.search), subject = Number(query.get('subject')) || Number(Object.keys(catalogue.subjects)[0]);
  const clip = query.has('clip') ? Number(query.get('clip')) : catalogue.subjects[subject]?.marks.best;
  if (!catalogue.clips[clip]) return;
  const { video, blurry, keyframe } = paths(subject, clip, 'abg');
  await Promise.all([truth(clip), video, blurry, keyframe].map(address => prefetch([address])));
}

export function films(subject) {
  if (!tables.has(subject)) {
    tables.set(subject, json(`/films/${subject}.json`).then(table => { tables.set(subject, table); return table; },
      () => { tables.delete(subject); return { films: {}, ranked: [] }; }));
  }
  return Promise.resolve(tables.get(subject));
}

export const table = subject => { const t = tables.get(subject); return t && t.films ? t : null; };

// The stored film of a choice: null unless it was made with exactly these settings, undefined while that is not known.
export function stored(s = state) {
  const known = table(s.subject);
  if (!known) return undefined;
  const moved = settingNames().filter(n => !['subject', 'clip', 'alpha', 'beta', 'gamma', 'captioner', 'keep_keyframe'].includes(n) && counts(n, s));
  if (moved.length || s.weights || (s.keep_keyframe && s.beta && !s.alpha)) return null;
  const kind = isDefault('captioner', s) || !letters(s).includes('g') ? letters(s) : `${letters(s)}-${s.captioner}`;
  const row = (known.films[s.clip] || {})[kind];
  return row ? { kind, row, ...paths(s.subject, s.clip, kind) } : null;
}

// An address that changes with the stored films, so that a browser may keep what it holds.
const kept = path => url(`${path}?made=${catalogue.made}`);

export function paths(subject, clip, kind) {
  const home = `/stored/${subject}/${clip}/`;
  const keyframe = !kind.includes('b') ? null : kind.includes('a') ? 'keyframe.webp' : 'keyframe_without_alpha.webp';
  return { blurry: kept(home + 'blurry.mp4'), keyframe: keyframe && kept(home + keyframe), video: kept(`${home}${kind}.mp4`), file: end => kept(`${home}${kind}.${end}`) };
}

export const truth = clip => kept(`/truth/${clip}.mp4`);
export const weights = (subject, model) => kept(`/weights/${subject}/${model}.bin`);
export const here = path => root + path; // of an address that the server gave

// A file that was fetched before comes from memory, whatever the network does.
export const media = address => typeof blobs.get(address) === 'string' ? blobs.get(address) : address;

export async function prefetch(addresses) {
  for (const address of addresses) {
    if (!address || blobs.has(address)) continue;
    const file = fetch(address, { priority: 'low' }).then(answer => answer.ok ? answer.blob() : null, () => null);
    blobs.set(address, file); // who asks for it meanwhile does not fetch it again
    const blob = await file;
    if (blob) blobs.set(address, URL.createObjectURL(blob));
    else blobs.delete(address);
    forgetOldest();
  }
}

function forgetOldest() {
  const oldest = blobs.keys().next().value;
  if (blobs.size <= BLOBS || typeof blobs.get(oldest) !== 'string') return;
  setTimeout(URL.revokeObjectURL, 60000, blobs.get(oldest)); // a film may still be shown from it
  blobs.delete(oldest);
}
