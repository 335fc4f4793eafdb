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

// The floor of a score that says most: what is named beside its share of the way, else the flat colour.
export function floorOf(found, name) {
  const floor = found.share?.[name]?.floor ?? (aboutOf(name).floor ? 'flat' : '');
  return { title: CONDITIONS[floor]?.[0] ?? floor, why: CONDITIONS[floor]?.[1] ?? floor, value: value(found.conditions[floor]?.metrics[name]?.value) };
}
export const better = (name, a, b) => aboutOf(name).higher_is_better ? a > b : a < b;

export const text = (x, digits = 3) => Number.isFinite(x) ? x.toFixed(Math.abs(x) >= 5 ? Math.min(1, digits) : digits).replace('-', '−') : Number.isNaN(x) ? '–' : x > 0 ? '∞' : '−∞';
export const signed = (x, digits) => (x >= 0 ? '+' : '') + text(x, digits);
// How far a value may be off: its interval, else its spread.
export function spread(score, digits) {
  if (score?.ci) return `[${score.ci.map(x => text(value(x), digits)).join(', ')}]`;
  return score?.sd === undefined ? '' : `± ${text(value(score.sd), digits)}`;
}

export const CONDITIONS = {
  full: ['decoded film', 'All guidances, as the app shows it.'],
  'no-keyframe': ['w/o keyframe', 'Without keyframe and its caption.'],
  'no-blurry': ['w/o blurry clip', 'Without the blurry video.'],
  git: ['GIT captions', 'Words from the image tokens in place of the keyframe.'],
  flat: ['flat colour', 'One colour, the mean of the true film: what is scored without knowing anything else.'],
  'mean frame': ['mean frame', 'The mean of all training frames, for every clip.'],
  frozen: ['frozen keyframe', 'The decoded keyframe, standing still.'],
  'best single': ['best single film', 'The one decoded film that scores best when every clip gets it.'],
  shuffled: ['shuffled clips', 'Decoded films of other clips of the same film.'],
  zero: ['zero fMRI', 'Decoded from fMRI of zeros.'],
  noise: ['noise fMRI', 'Decoded from Gaussian fMRI with the covariance of the true one.'],
  null: ['null subject', 'By decoders that were trained on noise.'],
  other: ['another subject’s fMRI', 'Decoded from the brain of another, at the vertices that both have.'],
  prior: ['prior alone', 'What the frozen models paint of the mean brain tokens, without a blurry video.'],
  none: ['no guidance', 'All guidances off: no brain signal in the film.'],
  oracle: ['oracle', 'The same generator, given the true keyframe, the true blurry video and the true caption.'],
};
