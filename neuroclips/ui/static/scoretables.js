// Tables of an evaluation: scores, protocols beside each other, floors, the paper's table 2, words.
import { arrow, chances } from './dials.js';
import { h } from './dom.js';
import { about, aboutOf, better, chanceOf, conditionOf, floorOf, signed, spread, text, value } from './evaluated.js';

const ORDER = ['result', 'floor', 'control', 'ceiling'];
const small = (...said) => h('small', {}, ...said);
const heading = name => [aboutOf(name).title.replaceAll('-', '\u2011'), '\u00a0', arrow(aboutOf(name))];

// A table that moves sideways in a narrow window; rows: [heading, cells, class]. label : what is read aloud of it.
export function table(label, heads, rows, corner = '') {
  const cell = found => h('td', {}, found);
  return h('div', { class: 'nc-scrolled', role: 'region', tabindex: '0', 'aria-label': label }, h('table', {},
    h('thead', {}, h('tr', {}, corner ? h('th', { scope: 'col' }, corner) : h('td'), heads.map(head => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, rows.map(([title, cells, kind = '']) => h('tr', { class: kind }, h('th', { scope: 'row' }, title), cells.map(cell))))));
}

export function scoreTable(view) {
  const { found, metrics, protocol, whose } = view;
  const rows = metrics.map(name => {
    const score = found.conditions.full.metrics[name], floor = floorOf(view, name), ceiling = value(found.conditions.oracle?.metrics[name]?.value), share = found.share?.[name], null_ = found.permutation?.[name];
    return [[h('b', {}, heading(name)), small(aboutOf(name).meaning)], [
      [h('b', {}, text(value(score.value))), small(spread(score))],
      Number.isNaN(floor.value) ? '–' : [text(floor.value), h('small', { title: floor.meaning }, floor.label)],
      text(chanceOf(protocol, name)), text(ceiling),
      Number.isNaN(value(share?.value)) ? h('span', { title: share?.why }, '–') : [`${text(100 * share.value, 0)} %`, small(spread({ ci: share.ci?.map(x => 100 * value(x)) }, 0))],
      null_ ? [chances(value(null_.p)), small(`z = ${text(value(null_.z), 1)}`)] : '–']];
  });
  return table(`Scores of ${whose}`, ['score, interval', 'floor', 'chance', 'ceiling', 'way from floor to ceiling', 'against shuffled clips'], rows, 'of the decoded films');
}

export function protocolTable({ protocols, whose }) {
  const names = Object.keys(protocols), full = name => protocols[name].conditions.full.metrics;
  const order = Object.keys(about.metrics), metrics = [...new Set(names.flatMap(name => Object.keys(full(name))))].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const cell = (name, metric) => {
    const score = full(name)[metric], chance = chanceOf(name, metric);
    const flat = value(protocols[name].conditions.flat?.metrics[metric]?.value), beside = [[chance, 'chance'], [flat, 'flat']].filter(([x]) => !Number.isNaN(x)).map(([x, what]) => `${what} ${text(x)}`);
    return score ? [h('b', {}, text(value(score.value))), small(spread(score)), small(beside.join(', '))] : '–';
  };
  return table(`The same films under every protocol, ${whose}`, names, metrics.map(metric => [heading(metric), names.map(name => cell(name, metric))]));
}

// What a reader must know of each protocol.
export function oddities({ protocols }) {
  return h('div', { class: 'nc-odd' }, Object.keys(protocols).map(name => {
    const known = about.protocols[name];
    return known && h('div', {}, h('h3', {}, name), h('p', {}, known.source), known.oddities.length ? h('ul', {}, known.oddities.map(odd => h('li', {}, odd))) : h('p', { class: 'nc-note' }, 'No oddities: what it says is what it does.'));
  }));
}

export function floorTable({ found, metrics, whose }) {
  const full = found.conditions.full.metrics, of = kind => Object.entries(found.conditions).filter(([, row]) => row.kind === kind);
  const cell = (row, kind, name) => {
    const score = row.metrics[name], x = value(score?.value), wins = ['floor', 'control'].includes(kind) && !better(name, value(full[name].value), x) && score;
    return score ? [wins ? h('b', { class: 'nc-bad', title: 'at least as good as the decoded film' }, '▲ ', text(x)) : text(x), small(spread(score))] : '–';
  };
  const rows = ORDER.flatMap(of).map(([name, row]) => [[h('b', {}, conditionOf(name).label), small(`${conditionOf(name).meaning} ${row.n} clips.`)], metrics.map(metric => cell(row, row.kind, metric)), row.kind === 'result' ? 'nc-result' : '']);
  return table(`What films score that know nothing, ${whose}`, metrics.map(heading), rows);
}

// Whether a difference goes where that of the paper goes, as far as its interval can tell.
function direction(row, name, difference) {
  const paper = value(about.table_2[row]?.[name]), [low, high] = (difference.ci || [NaN, NaN]).map(value);
  if (Number.isNaN(paper) || Number.isNaN(low)) return null;
  if (low <= 0 && high >= 0) return h('span', { class: 'nc-note' }, 'no clear difference');
  return low > 0 === paper > 0 ? h('span', { class: 'nc-ok' }, '✓ as in the paper') : h('span', { class: 'nc-bad' }, '✗ against the paper');
}

export function ablationTable({ found, metrics, whose }) {
  const cell = (row, name) => {
    const difference = found.differences?.[row]?.[name], score = found.conditions[row].metrics[name];
    const apart = difference && small(`${signed(value(difference.value))} `, spread(difference));
    return score ? [h('b', {}, text(value(score.value))), apart || small(spread(score)), difference ? small(direction(row, name, difference)) : null] : '–';
  };
  const rows = Object.entries(found.conditions).filter(([, row]) => row.kind === 'ablation').map(([name]) => name);
  return table(`Table 2 of the paper, ${whose}`, metrics.map(heading), [...rows, 'full'].map(row => [[h('b', {}, conditionOf(row).label), small(`${found.conditions[row].n} clips`)], metrics.map(name => cell(row, name)), row === 'full' ? 'nc-result' : '']));
}

const WORDS = { object: 'object', scene: 'scene', action: 'action', cider: 'CIDEr-like', clip_score: 'CLIP score' };
export function wordTable(words, whose) {
  const beside = ['shuffled', 'chance', 'ceiling'];
  return table(`Captions of ${whose}`, ['score, interval', 'of other clips', 'most frequent label', 'words of the true frame'], Object.entries(words).map(([name, score]) =>
    [h('b', {}, WORDS[name] ?? name, ' ↑'), [[h('b', {}, text(value(score.value))), small(spread(score))], ...beside.map(of => text(value(score[of])))]]), 'of the decoded words');
}

// Scores of clips by thirds of their distance to the nearest training clip.
export function nearTable({ nearest, dimension }, whose) {
  const rows = Object.entries(nearest['by distance']), thirds = Object.keys(rows[0][1].thirds);
  const cell = score => [text(value(score.value)), small(spread(score))];
  return [table(`Scores near and far from training clips, ${whose}`, [...thirds.map(third => `${third} third`), 'slope, per standard deviation'], rows.map(([name, found]) =>
    [heading(name), [...thirds.map(third => cell(found.thirds[third])), cell({ value: found.slope, ci: found['slope ci'] })]]), whose),
  h('p', { class: 'nc-note' }, `The nearest training clip is ${text(Math.min(...nearest.distance.map(value)))} to ${text(Math.max(...nearest.distance.map(value)))} away (1 less the cosine of CLIP embeddings).`,
    dimension ? ` Predicted brain tokens vary in ${text(value(dimension.predicted), 1)} directions, true ones in ${text(value(dimension.true), 1)}.` : '')];
}
