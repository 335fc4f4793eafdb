// Table 2 of the paper for one clip: what each guidance is worth, above the floor and chance.
import { catalogue } from './data.js';
import { h } from './dom.js';

const TITLES = { full: 'full model', 'no-keyframe': 'w/o keyframe', 'no-blurry': 'w/o blurry clip', git: 'GIT for BLIP-2' }; // by preset
const number = (name, value) => Number(value).toFixed(name === 'psnr' ? 1 : 2);
const row = (title, cells, low = false, why) => h('tr', { class: low ? 'nc-floor' : '' }, h('th', { scope: 'row', title: why }, title), cells.map(cell => h('td', {}, cell)));

export function mountTable(element) {
  const [full, ...others] = Object.entries(catalogue.table_2), rows = [...others, full]; // as in the paper, the full model last
  const names = Object.keys(catalogue.scores), body = h('tbody');
  const heads = names.map(name => h('th', { scope: 'col' }, `${catalogue.scores[name].title} ${catalogue.scores[name].higher_is_better ? '↑' : '↓'}`));
  element.append(h('h3', { id: 'table2' }, 'Table 2 of the paper, for this clip ', h('small', {}, 'simulated, demo judges')),
    h('div', { class: 'nc-scrolled', role: 'region', tabindex: '0', 'aria-labelledby': 'table2' }, h('table', {}, h('thead', {}, h('tr', {}, h('td'), heads)), body)));
  return found => { // gives what there is of a kind of film: {scores}
    const cells = (kind, of = 'video') => names.map(name => found(kind) ? number(name, found(kind).scores[of][name]) : '–');
    body.replaceChildren(...rows.map(([preset, kind]) => row(TITLES[preset], cells(kind), false, `--preset ${preset}`)),
      row('flat colour (floor)', cells('abg', 'flat_colour'), true), row('chance', names.map(name => catalogue.scores[name].chance ?? ''), true));
  };
}
