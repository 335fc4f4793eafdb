// A score as a dial: from its floor over chance to its ceiling, with one line of meaning.
import { catalogue } from './data.js';
import { h, svg } from './dom.js';

const R = 34, WIDE = 88, HIGH = 46;
const place = (share, r = R) => { const a = Math.PI * (1 - Math.min(1, Math.max(0, share))); return [WIDE / 2 + r * Math.cos(a), HIGH - 5 - r * Math.sin(a)]; };
const point = (share, r) => place(share, r).map(x => x.toFixed(2)).join(' ');
const arc = (from, to) => `M${point(from)}A${R} ${R} 0 0 1 ${point(to)}`;
const words = (value, unit = '') => (Number.isFinite(value) ? value.toFixed(unit === 'dB' ? 1 : 2) : '∞') + (unit ? ' ' + unit : '');

export const arrow = about => h('span', { class: 'nc-arrow', title: about.higher_is_better ? 'more is better' : 'less is better' }, about.higher_is_better ? '↑' : '↓');
export const chances = p => (p < 0.001 ? 'p < 0.001' : `p = ${Number(p.toPrecision(2))}`).replaceAll(' ', '\u00a0');

// The scale of a dial: from the lowest to the highest of what is known, or to the most that there can be where no ceiling is, with room at
// both ends; chances share one. Without floor and chance it begins at nothing.
function scale(values, chance, { low: least, high: most }, floored, topped) {
  const known = [...values, ...(topped || most === null ? [] : [most])].filter(Number.isFinite), low = Math.min(...known), high = Math.max(...known);
  if (chance === 0.5) return x => (x - Math.min(low, 0.3)) / (1 - Math.min(low, 0.3));
  if (!floored && Number.isNaN(chance) && most !== null) return x => (x - Math.max(0, least)) / (most - Math.max(0, least));
  const pad = 0.08 * (high - low || 1);
  return x => (x - low + pad) / (high - low + 2 * pad);
}

// beside : what stands after the value, such as its interval. why : what the floor is. said : a second line.
export function dial(name, about, value, { floor = NaN, chance = about.chance ?? NaN, ceiling = NaN, why = about.floor, beside = '', said = '' } = {}) {
  const at = scale([value, floor, ceiling, chance], chance, about, Number.isFinite(floor), Number.isFinite(ceiling)), up = about.higher_is_better;
  const tick = (x, kind) => Number.isFinite(x) ? svg('path', { class: `nc-tick ${kind}`, d: `M${point(at(x), R - 7)}L${point(at(x), R + 7)}` }) : null;
  const from = Number.isFinite(floor) ? at(floor) : 0, to = at(value), [x, y] = place(to);
  const beats = !Number.isFinite(floor) || (up ? value > floor : value < floor);
  const picture = svg('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, 'aria-hidden': 'true', class: beats ? 'over' : 'under' },
    svg('path', { class: 'nc-track', d: arc(0, 1) }), svg('path', { class: 'nc-value', d: arc(Math.min(from, to), Math.max(from, to)) }),
    tick(floor, 'floor'), tick(chance, 'chance'), tick(ceiling, 'ceiling'), svg('circle', { class: 'nc-needle', r: 4.5, cx: x, cy: y }));
  const ends = [[floor, 'floor', why], [chance, 'chance', 'of a guess'], [ceiling, Number.isFinite(floor) ? 'ceiling' : 'decoded perfectly', about.ceiling]].filter(end => Number.isFinite(end[0]));
  return h('div', { class: 'nc-dial', 'data-score': name }, picture,
    h('div', {}, h('p', {}, h('b', {}, words(value, about.unit)), arrow(about), ' ', about.label, beside ? h('span', { class: 'nc-beside' }, beside) : null,
      h('span', { class: 'nc-ends' }, ends.map(([x, kind, why]) => h('span', { class: kind.split(' ')[0], title: `${kind}: ${why}` }, `${kind} ${words(x)}`)))),
    h('small', {}, about.meaning), said ? h('small', { class: 'nc-p' }, said) : null));
}

// Of one film. p : how often it scores as well against other clips of its film, by score; where that is known.
export function dials(scores, clip, p = {}) { // scores: {video: {...}, flat_colour: {...}}
  const top = catalogue.ceilings?.[clip] || {};
  return Object.entries(catalogue.scores).map(([name, about]) => dial(name, about, Number(scores.video[name]), {
    floor: about.floor ? Number(scores.flat_colour[name]) : NaN, ceiling: Number(top[name] ?? NaN),
    said: name in p ? `Fits its clip better than ${Math.floor(100 * (1 - p[name]))} % of the others, ${chances(p[name])}` : '' }));
}
