// Charts as SVG: lines with bands, and histograms; what they show is said aloud and stands below as numbers.
import { h, svg } from './dom.js';
import { text } from './evaluated.js';

const LARGE = [440, 236], SMALL = [300, 180]; // pictures
const LEFT = 50, RIGHT = 16, TOP = 12, BOTTOM = 40; // margins
const plain = x => x;
const short = x => Number(x.toPrecision(3)).toString().replace('-', '−');

// From values to places: {low, high, log}
function scale({ low, high, log }, from, to) {
  const f = log ? Math.log10 : plain, a = f(low), b = f(high);
  return x => from + (to - from) * (f(x) - a) / (b - a || 1);
}

export function ticks({ low, high, log }) {
  if (log) { // all of 1, 2, 5, or powers of ten where there is much to show
    const wide = Math.log10(high / low) > 2.5, found = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) for (const m of wide ? [1] : [1, 2, 5]) found.push(m * 10 ** e);
    return found.filter(x => x >= low * 0.999 && x <= high * 1.001);
  }
  const rough = (high - low) / 4, unit = 10 ** Math.floor(Math.log10(rough)), step = unit * ([1, 2, 5].find(m => unit * m >= rough) || 10);
  return Array.from({ length: Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1 }, (_, i) => (Math.ceil(low / step - 1e-9) + i) * step);
}

function range(values, { log, zero }) {
  const known = values.filter(x => Number.isFinite(x) && (!log || x > 0)), low = Math.min(...known), high = Math.max(...known);
  if (log) return { low: low / 1.15, high: high * 1.15, log };
  const pad = 0.05 * (high - low || 1);
  return { low: zero ? 0 : low - pad, high: high + pad, log };
}

// Both axes with their names, and where values are.
function axes([wide, high], x, y, xs, ys) {
  const across = range(xs, x), up = range(ys, y), X = scale(across, LEFT, wide - RIGHT), Y = scale(up, high - BOTTOM, TOP), middle = (TOP + high - BOTTOM) / 2;
  const lines = ticks(up).map(v => [svg('line', { class: 'grid', x1: LEFT, x2: wide - RIGHT, y1: Y(v), y2: Y(v) }), svg('text', { x: LEFT - 6, y: Y(v) + 4, 'text-anchor': 'end' }, short(v))]);
  const marks = (x.ticks || ticks(across)).map(v => svg('text', { x: X(v), y: high - BOTTOM + 16, 'text-anchor': 'middle' }, short(v)));
  const names = [svg('text', { x: (LEFT + wide - RIGHT) / 2, y: high - 6, 'text-anchor': 'middle' }, x.label), svg('text', { x: 12, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 12 ${middle})` }, y.label)];
  return { X, Y, up, drawn: [lines, marks, names].flat(2) };
}

function figure(size, title, said, drawn, legend, numbers) {
  return h('figure', { class: 'nc-chart' }, h('h3', {}, title), svg('svg', { viewBox: `0 0 ${size.join(' ')}`, class: size === SMALL ? 'small' : 'large', role: 'img', 'aria-label': `Chart of ${legend.map(([name]) => name).join(', ')}: ${title}` }, drawn),
    h('figcaption', {}, legend.map(([name, kind]) => h('span', {}, h('i', { class: kind }), name))), h('p', { class: 'nc-note' }, said), numbers);
}

function numbers(label, lines) {
  const xs = [...new Set(lines.flatMap(line => line.points.map(([x]) => x)))].sort((a, b) => a - b);
  const at = (line, x) => line.points.find(point => point[0] === x)?.[1] ?? NaN;
  return h('details', {}, h('summary', {}, 'as numbers'), h('div', { class: 'nc-scrolled', role: 'region', tabindex: '0', 'aria-label': `${label}, as numbers` }, h('table', {},
    h('thead', {}, h('tr', {}, h('td'), lines.map(line => h('th', { scope: 'col' }, line.name)))),
    h('tbody', {}, xs.map(x => h('tr', {}, h('th', { scope: 'row' }, short(x)), lines.map(line => h('td', {}, text(at(line, x))))))))));
}

// x, y : {label, log, ticks}. lines: {name, points: [[x, y]], band: [[low, high]], kind}; of kind "dots", no line.
export function chart(title, said, { x, y, lines }) {
  const points = lines.flatMap(line => line.points), { X, Y, up, drawn } = axes(LARGE, x, y, points.map(p => p[0]), [...points.map(p => p[1]), ...lines.flatMap(line => (line.band || []).flat())]);
  const place = ([x, y]) => [X(x).toFixed(1), Y(Math.max(y, up.low)).toFixed(1)], at = point => place(point).join(','); // 0 stands at the bottom of a log axis
  const band = line => line.band && svg('polygon', { class: `band ${line.kind}`, points: [...line.points.map(([x], i) => [x, line.band[i][1]]), ...line.points.map(([x], i) => [x, line.band[i][0]]).reverse()].map(at).join(' ') });
  const path = line => line.kind === 'dots' ? null : svg('polyline', { class: line.kind, points: line.points.map(at).join(' ') });
  const dots = line => line.kind === 'chance' ? [] : line.points.map(p => svg('circle', { class: line.kind, cx: place(p)[0], cy: place(p)[1], r: line.kind === 'dots' ? 2.2 : 3 }));
  return figure(LARGE, title, said, [drawn, lines.map(band), lines.map(path), lines.flatMap(dots)].flat(2), lines.map(line => [line.name, line.kind]), points.length > 100 ? null : numbers(title, lines));
}

// counts between edges, beside the one value that was found.
export function histogram(title, said, { label, counts, edges, found }) {
  const { X, Y, drawn } = axes(SMALL, { label }, { label: 'permutations', zero: true }, [...edges, found], [0, ...counts]), bottom = SMALL[1] - BOTTOM;
  const bars = counts.map((n, i) => svg('rect', { class: 'bar', x: X(edges[i]).toFixed(1), width: Math.max(1, X(edges[i + 1]) - X(edges[i]) - 1).toFixed(1), y: Y(n).toFixed(1), height: (bottom - Y(n)).toFixed(1) }));
  const line = svg('line', { class: 'found', x1: X(found), x2: X(found), y1: TOP, y2: bottom });
  return figure(SMALL, title, said, [...drawn, ...bars, line], [['clips shuffled', 'bar'], ['as decoded', 'found']], null);
}
