// What was stored of an evaluation, and how its numbers are written.
import { json } from './data.js';

export let about = null, scores = null;
let loaded;
export function load() {
  loaded ||= (async () => {
    about = await json('/evaluation/about.json');
    if (about.files.includes('scores.json')) scores = await json(`/evaluation/scores.json?made=${about.made}`);
  })().catch(error => { loaded = null; throw error; });
  return loaded;
}

// Of a choice of subject (or the mean of all) and protocol: what there is of it, or of the first that there is.
export function chosen({ subject, protocol, average }) {
  const known = Object.keys(scores.subjects), one = known.includes(String(subject)) ? String(subject) : known[0], mean = average && scores.mean;
  const protocols = (mean ? scores.mean : scores.subjects[one]).protocols, name = protocols[protocol] ? protocol : Object.keys(protocols)[0];
  return { subject: one, mean: Boolean(mean), whose: mean ? 'mean of all subjects' : `subject ${one}`, subjects: mean ? known : [one],
    protocols, protocol: name, found: protocols[name], metrics: Object.keys(protocols[name].conditions.full.metrics) };
}

const UNKNOWN = { meaning: '', unit: '', higher_is_better: true };
export const aboutOf = name => about.metrics[name] || { ...UNKNOWN, label: name, title: name };
export const chanceOf = (protocol, name) => value(about.protocols[protocol]?.chance[name] ?? aboutOf(name).chance);
export const value = x => x === null || x === undefined ? NaN : Number(x);

export const conditionOf = name => about.conditions[name] || { label: name, meaning: '' };

// The floor of a score that says most: what is named beside its share of the way, else the flat colour; none of a score
// that never looks at the truth.
export function floorOf({ found, protocol }, name) {
  const blind = about.protocols[protocol]?.blind.includes(name), floor = blind ? '' : found.share?.[name]?.floor ?? 'flat';
  return { ...conditionOf(floor), value: value(found.conditions[floor]?.metrics[name]?.value) };
}
export const better = (name, a, b) => aboutOf(name).higher_is_better ? a > b : a < b;

export const text = (x, digits = 3) => Number.isFinite(x) ? x.toFixed(Math.abs(x) >= 5 ? Math.min(1, digits) : digits).replace('-', '−') : Number.isNaN(x) ? '–' : x > 0 ? '∞' : '−∞';
export const signed = (x, digits) => (x >= 0 ? '+' : '') + text(x, digits);
// How far a value may be off: its interval, else its spread.
export function spread(score, digits) {
  const ends = (score?.ci || []).map(value), sd = value(score?.sd);
  if (ends.length && !ends.some(Number.isNaN)) return `[${ends.map(x => text(x, digits)).join(', ')}]`;
  return Number.isNaN(sd) ? '' : `± ${text(sd, digits)}`;
}
