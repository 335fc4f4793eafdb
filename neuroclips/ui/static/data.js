// Clips, stored films and files, each fetched once.
import { isDefault, letters, settingNames, state } from './store.js';

let root = '', loaded;
export let catalogue = null;
const tables = new Map(), blobs = new Map();
const BLOBS = 160; // files kept in memory, of about 15 kB each

export const url = path => root + '/nc' + path;
const json = async path => (await fetch(url(path))).json();

export function load(prefix) {
  root = prefix;
  loaded ||= Promise.all([json('/catalogue.json'), films(Number(new URLSearchParams(location.search).get('subject')) || 1)])
    .then(([found]) => { catalogue = found; });
  return loaded;
}

// While gradio's own files load: the data, and the films that an address opens on.
export async function early() {
  await load(new URL('.', location).href.replace(/\/$/, ''));
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
export function stored(s = state, name = null) {
  const known = table(s.subject);
  if (!known) return undefined;
  const moved = settingNames().filter(n => !['subject', 'clip', 'alpha', 'beta', 'gamma', 'captioner', 'keep_keyframe'].includes(n) && !isDefault(n, s));
  if (moved.length || s.weights || (s.keep_keyframe && !s.alpha)) return null;
  const kind = name || (isDefault('captioner', s) || !letters(s).includes('g') ? letters(s) : `${letters(s)}-${s.captioner}`);
  const row = (known.films[s.clip] || {})[kind];
  return row ? { kind, row, ...paths(s.subject, s.clip, kind) } : null;
}

export function paths(subject, clip, kind) {
  const home = `/stored/${subject}/${clip}/`;
  const keyframe = !kind.includes('b') ? null : kind.includes('a') ? 'keyframe.webp' : 'keyframe_without_alpha.webp';
  return { blurry: url(home + 'blurry.mp4'), keyframe: keyframe && url(home + keyframe), video: url(`${home}${kind}.mp4`), file: end => url(`${home}${kind}.${end}`) };
}

export const truth = clip => url(`/truth/${clip}.mp4`);
export const here = path => root + path; // of an address that the server gave

// A file that was fetched before comes from memory, whatever the network does.
export const media = address => blobs.get(address) || address;

export async function prefetch(addresses) {
  for (const address of addresses) {
    if (!address || blobs.has(address)) continue;
    const answer = await fetch(address, { priority: 'low' }).catch(() => null);
    if (!answer || !answer.ok) continue;
    blobs.set(address, URL.createObjectURL(await answer.blob()));
    if (blobs.size > BLOBS) { const oldest = blobs.keys().next().value; setTimeout(URL.revokeObjectURL, 60000, blobs.get(oldest)); blobs.delete(oldest); }
  }
}
