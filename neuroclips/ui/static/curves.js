// The charts of an evaluation: retrieval against pool size, decoding against repeats, shuffled clips.
import { chances } from './dials.js';
import { chart, histogram } from './charts.js';
import { aboutOf, scores, text, value } from './evaluated.js';

const KINDS = ['c0', 'c1', 'c2', 'c3', 'c4'];
const WHAT = { keyframe: 'keyframe', fmri: 'fMRI', swapped: 'keyframe by the fMRI of other clips' };
const percent = x => text(100 * value(x), 1);
const pairs = (xs, ys) => xs.map((x, i) => [value(x), value(ys[i])]).filter(point => point.every(Number.isFinite));
const band = (found, ci, n) => ci && ci.length === n ? ci.map(ends => ends.map(value)) : undefined;

function line(name, xs, ys, ci, kind) {
  const points = pairs(xs, ys);
  return { name, points, band: points.length === xs.length ? band(points, ci, points.length) : undefined, kind };
}

const of = (subjects, part) => subjects.map(subject => [subject, scores.subjects[subject][part]]).filter(([, found]) => found && Object.keys(found).length);

export function retrieval({ subjects }) {
  const all = of(subjects, 'retrieval');
  if (!all.length) return null;
  const [[whose, first]] = all, [kind, one] = Object.entries(first)[0], last = one.pools.length - 1, far = one.pools.filter(n => n <= (one['largest without neighbours'] ?? n));
  const lines = all.length > 1 ? all.map(([s, { [kind]: f }], i) => line(`subject ${s}`, f.pools, f.top1, f.ci, KINDS[i % 5]))
    : [...Object.entries(first).map(([name, f], i) => line(`${WHAT[name] ?? name}, top-1`, f.pools, f.top1, f.ci, KINDS[i % 5])),
      ...(one['without neighbours'] ? [line(`${WHAT[kind]}, without clips beside it`, far, one['without neighbours'], null, 'c3')] : []),
      ...(one.top5 ? [line(`${WHAT[kind]}, top-5`, one.pools, one.top5, null, 'c4')] : [])];
  const said = `Of ${one.pools[last]} clips the right ${WHAT[kind]} comes first in ${percent(one.top1[last])} % (subject ${whose}); a guess finds it in ${percent(one.chance[last])} %. The more there are to choose from, the more can be confused.`;
  return chart('Retrieval against pool size', said, { x: { label: 'clips to choose from', log: true, ticks: one.pools.filter((n, i) => [0, last].includes(i) || [10, 50, 100].includes(n)) },
    y: { label: 'share found', log: true }, lines: [...lines, line('chance', one.pools, one.chance, null, 'chance')] });
}

const STEPS = { retrieval: 'keyframe retrieval', pixel_correlation: 'pixel correlation of blurry videos', object: 'object named' };
export function repeats({ subjects }) {
  const all = of(subjects, 'repeats');
  if (!all.length) return null;
  const [[whose, first]] = all, { repeats: counts, 'noise ceiling': noise } = first, last = counts.length - 1;
  const lines = all.length > 1 ? all.map(([s, f], i) => line(`subject ${s}, retrieval`, f.repeats, f.retrieval, f.ci, KINDS[i % 5]))
    : Object.keys(STEPS).filter(name => first[name]).map((name, i) => line(STEPS[name], counts, first[name], first[name === 'retrieval' ? 'ci' : `${name} ci`], KINDS[i]));
  const ceiling = noise ? ` Half of its voxels repeat themselves with a correlation of ${text(value(noise.median), 2)} or more between all showings and as many again.` : '';
  const said = `Retrieval of subject ${whose} is ${text(value(first.retrieval[0]))} from ${counts[0] === 1 ? 'one showing' : `${counts[0]} showings`} and ${text(value(first.retrieval[last]))} from the mean of ${counts[last]}.${ceiling}`;
  return chart('Decoding against repeats', said, { x: { label: 'showings averaged', ticks: counts }, y: { label: 'score' }, lines });
}

export function shuffled({ found, metrics }) {
  return metrics.filter(name => found.permutation?.[name]?.counts?.length).map(name => {
    const { counts, edges, mean, sd, p, n_permutations } = found.permutation[name], as = value(found.conditions.full.metrics[name].value), about = aboutOf(name);
    const said = `${text(as)} on their own truth, ${text(value(mean))} ± ${text(value(sd))} on that of others, ${n_permutations} times: ${chances(value(p))}.`;
    return histogram(`${about.label} ${about.higher_is_better ? '↑' : '↓'}`, said, { label: about.title, counts, edges: edges.map(value), found: as });
  });
}
