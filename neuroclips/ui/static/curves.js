// The charts of an evaluation: retrieval against pool size, decoding against repeats, shuffled clips, nearest training clips.
import { chances } from './dials.js';
import { chart, histogram } from './charts.js';
import { aboutOf, scores, text, value } from './evaluated.js';

const KINDS = ['c0', 'c1', 'c2', 'c3', 'c4'];
const WHAT = { keyframe: 'keyframe', fmri: 'fMRI', swapped: 'fMRI of other clips' };
const pairs = (xs, ys) => xs.map((x, i) => [value(x), value(ys[i])]).filter(point => point.every(Number.isFinite));
const band = (found, ci, n) => ci && ci.length === n ? ci.map(ends => ends.map(value)) : undefined;

function line(name, xs, ys, ci, kind) {
  const points = pairs(xs, ys);
  return { name, points, band: points.length === xs.length ? band(points, ci, points.length) : undefined, kind };
}

export function retrieval({ subjects }) {
  const all = subjects.map(s => [s, scores.subjects[s].retrieval]).filter(([, found]) => found && Object.keys(found).length);
  if (!all.length) return null;
  const several = all.length > 1, [, first] = all[0], one = Object.values(first)[0], top = one.pools.length - 1;
  const lines = several ? all.map(([s, found], i) => { const f = Object.values(found)[0]; return line(`subject ${s}, top-1`, f.pools, f.top1, f.ci, KINDS[i % 5]); })
    : Object.entries(first).map(([name, f], i) => line(`${WHAT[name] ?? name}, top-1`, f.pools, f.top1, f.ci, KINDS[i % 5])).concat(
      one['without neighbours'] ? [line(`${WHAT[Object.keys(first)[0]]}, look-alikes left out`, one.pools, one['without neighbours'], null, 'c3')] : [], one.top5 ? [line(`${WHAT[Object.keys(first)[0]]}, top-5`, one.pools, one.top5, null, 'c4')] : []);
  const said = `Of ${one.pools[top]} clips the right one is found first in ${text(100 * value((several ? Object.values(all[0][1])[0] : one).top1[top]), 1)} % (${several ? `subject ${all[0][0]}, ` : ''}${WHAT[Object.keys(first)[0]]}); a guess finds it in ${text(100 * value(one.chance[top]), 1)} %. More clips to choose from, more to confuse.`;
  return chart('Retrieval against pool size', said, { x: { label: 'clips to choose from', log: true, ticks: one.pools.filter((n, i) => [0, top].includes(i) || [10, 50, 100].includes(n)) }, y: { label: 'found', log: true },
    lines: [...lines, line('chance', one.pools, one.chance, null, 'chance')] });
}

export function repeats({ subjects }) {
  const all = subjects.map(s => [s, scores.subjects[s].repeats]).filter(([, found]) => found?.repeats?.length);
  if (!all.length) return null;
  const several = all.length > 1, [, first] = all[0], last = first.repeats.length - 1, noise = first.noise_ceiling;
  const lines = several ? all.map(([s, f], i) => line(`subject ${s}, retrieval`, f.repeats, f.retrieval, f.ci, KINDS[i % 5]))
    : [line('retrieval', first.repeats, first.retrieval, first.ci, 'c0'), ...(first.pixel_correlation ? [line('pixel correlation', first.repeats, first.pixel_correlation, null, 'c1')] : [])];
  const ceiling = noise && Number.isFinite(value(noise.median)) ? ` Noise ceiling of a voxel: ${text(value(noise.median), 2)} in the median.` : '';
  const said = `The test films were shown ${first.repeats[last]} times. Retrieval is ${text(value(first.retrieval[0]), 2)} from ${first.repeats[0]} repeat and ${text(value(first.retrieval[last]), 2)} from the mean of ${first.repeats[last]}${several ? `, subject ${all[0][0]}` : ''}.${ceiling}`;
  return chart('Decoding against repeats', said, { x: { label: 'repeats averaged', ticks: first.repeats }, y: { label: 'score' }, lines });
}

export function shuffled({ found, metrics }) {
  return metrics.filter(name => found.permutation?.[name]?.counts?.length).map(name => {
    const { counts, edges, mean, sd, p, n_permutations } = found.permutation[name], as = value(found.conditions.full.metrics[name].value), about = aboutOf(name);
    const said = `Decoded films score ${text(as)} on their own truth, ${text(value(mean))} ± ${text(value(sd))} on that of others (${n_permutations} shuffles within a film): ${chances(value(p))}.`;
    return histogram(`${about.label} ${about.higher_is_better ? '↑' : '↓'}`, said, { label: about.title, counts, edges: edges.map(value), found: as });
  });
}

export function nearest({ subject }) {
  const { nearest: near, dimension } = scores.subjects[subject].spurious || {};
  if (!near?.distance?.length) return null;
  const slope = value(near.slope), way = dimension ? ` Predicted embeddings spread over ${text(value(dimension.predicted), 1)} directions, true ones over ${text(value(dimension.true), 1)}.` : '';
  const said = `Each dot is a clip of subject ${subject}. ${Number.isFinite(slope) ? `SSIM changes by ${text(slope, 2)} for each unit of distance: were films copied from training clips, it would fall steeply.` : ''}${way}`;
  return chart('Score against the nearest training clip', said, { x: { label: 'distance to the nearest training clip' }, y: { label: 'SSIM' }, lines: [{ name: 'test clips', points: pairs(near.distance, near.ssim), kind: 'dots' }] });
}
