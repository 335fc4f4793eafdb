// A score as a dial: from its floor over chance to its ceiling, with one line of meaning.
import { catalogue } from './data.js';
import { h, svg } from './dom.js';

const R = 34, angle = share => Math.PI * (1 - Math.min(1, Math.max(0, share)));
const point = (share, r = R) => [44 + r * Math.cos(angle(share)), 44 - r * Math.sin(angle(share))].map(x => x.toFixed(2)).join(' ');
const arc = (from, to) => `M${point(from)}A${R} ${R} 0 0 1 ${point(to)}`;
const words = (value, unit) => (Number.isFinite(value) ? value.toFixed(unit === 'dB' ? 1 : 2) : '∞') + (unit ? ' ' + unit : '');

export function dial(name, value, floor, ceiling) {
  const about = catalogue.scores[name], known = [value, floor, ceiling, about.chance].filter(x => Number.isFinite(x));
  let low = Math.min(...known), high = Math.max(...known);
  if (about.chance === 0.5) { low = Math.min(low, 0.4); high = 1; }
  const pad = 0.06 * (high - low || 1), at = x => (x - low + pad) / (high - low + 2 * pad);
  const tick = (x, kind) => Number.isFinite(x) ? svg('path', { class: `nc-tick ${kind}`, d: `M${point(at(x), R - 8)}L${point(at(x), R + 7)}` }) : null;
  const beats = about.higher_is_better ? value > floor : value < floor;
  const picture = svg('svg', { viewBox: '0 0 88 50', 'aria-hidden': 'true', class: beats ? 'over' : 'under' },
    svg('path', { class: 'nc-track', d: arc(0, 1) }),
    svg('path', { class: 'nc-value', d: arc(Math.min(at(floor), at(value)), Math.max(at(floor), at(value))) }),
    tick(floor, 'floor'), tick(about.chance, 'chance'), tick(ceiling, 'ceiling'),
    svg('circle', { class: 'nc-needle', r: 4.5, cx: point(at(value)).split(' ')[0], cy: point(at(value)).split(' ')[1] }));
  const range = [`floor ${words(floor, '')}`, Number.isFinite(about.chance ?? NaN) ? `chance ${about.chance}` : '', Number.isFinite(ceiling) ? `ceiling ${words(ceiling, '')}` : ''].filter(Boolean).join(' · ');
  return h('div', { class: 'nc-dial', 'data-score': name, title: about.meaning || about.title },
    picture, h('b', {}, words(value, about.unit), h('span', { class: 'nc-arrow', title: about.higher_is_better ? 'more is better' : 'less is better' }, about.higher_is_better ? ' ↑' : ' ↓')),
    h('span', { class: 'nc-name' }, about.label), h('small', {}, range), about.meaning ? h('small', { class: 'nc-meaning' }, about.meaning) : null);
}

export function dials(scores, clip) { // scores: {video: {...}, flat_colour: {...}}
  const top = catalogue.ceilings?.[clip] || {};
  return Object.keys(catalogue.scores).map(name => dial(name, Number(scores.video[name]), Number(scores.flat_colour[name]), Number(top[name] ?? NaN)));
}
