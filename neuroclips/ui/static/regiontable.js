// A layer in numbers, per area: voxels, and the mean of each model with its interval; a row and the map mark each other.
import * as data from './data.js';
import { areaOf, regionOf, sideOf } from './cortex.js';
import { h } from './dom.js';
import { state } from './store.js';
import { once } from './voxels.js';

const SHORT = { perception: 'PR', semantic: 'SR', none: 'mean' };
const number = x => x === null ? '–' : Math.abs(x) < 0.1 ? x.toPrecision(2) : x.toFixed(2);

/* outline(region), pin(region): of the maps. Gives {element, draw(choice), mark(region)}. */
export function mountRegions(outline, pin) {
  const { names, glossary } = data.catalogue.map, body = h('tbody'), head = h('tr'), said = h('p', { class: 'nc-note' });
  const group = h('select', { 'aria-label': 'Group of areas', onchange: list }), csv = h('a', { class: 'nc-file', download: '' }, 'CSV');
  const table = h('table', { onmouseleave: () => outline(-1) }, h('thead', {}, head), body);
  const element = h('div', { class: 'nc-regions', 'aria-label': 'Areas' }, h('div', { class: 'nc-row' }, group, csv), h('div', { class: 'nc-scrolled', tabIndex: 0, role: 'region', 'aria-label': 'Table of areas' }, table), said);
  let rows = [], models = [], order = ['n', -1], marked = -1, asked = '', kept = null;

  const value = (row, column) => column === 'area' ? row.area + row.side : column === 'n' ? row.n : row.means[column]?.[0] ?? -Infinity;
  const titles = () => [['area', 'area'], ['n', 'voxels'], ...models.map(model => [model, SHORT[model]])];
  const numbered = row => regionOf(names.indexOf(row.area), row.side);

  function sort(column) {
    order = [column, order[0] === column ? -order[1] : column === 'area' ? 1 : -1];
    list();
  }

  function list() {
    const [column, way] = order;
    head.replaceChildren(...titles().map(([name, title]) => h('th', { scope: 'col', 'aria-sort': name === column ? (way > 0 ? 'ascending' : 'descending') : undefined },
      h('button', { type: 'button', onclick: () => sort(name) }, title, name === column ? (way > 0 ? ' ▲' : ' ▼') : ''))));
    const shown = rows.filter(row => !group.value || row.group === group.value)
      .sort((a, b) => way * (value(a, column) < value(b, column) ? -1 : value(a, column) > value(b, column) ? 1 : 0));
    body.replaceChildren(...shown.map(line));
    mark(marked);
  }

  function line(row) {
    const region = numbered(row), name = h('button', { type: 'button', title: glossary[row.area] || '', onclick: () => pin(region), onfocus: () => outline(region), onblur: () => outline(-1) }, `${row.area} ${row.side[0].toUpperCase()}`);
    return h('tr', { 'data-region': region, onmouseenter: () => outline(region) }, h('th', { scope: 'row' }, name), h('td', {}, String(row.n)),
      models.map(model => cell(row.means[model])));
  }

  /* Mean and half of its interval. */
  function cell(found) {
    if (!found) return h('td', {}, '–');
    const [mean, low, high] = found, interval = low === null ? '' : ` ±${((high - low) / 2).toPrecision(1)}`;
    return h('td', { title: low === null ? 'one voxel: no interval' : `95 % interval ${number(low)} to ${number(high)}` }, number(mean), h('small', {}, interval));
  }

  function mark(region) {
    marked = region;
    for (const row of body.children) row.classList.toggle('on', Number(row.dataset.region) === region);
  }

  async function draw({ layer }) {
    const now = asked = `/cortex/${state.subject}/${layer}/regions`;
    try {
      const found = await once(`${now}.json`, answer => answer.json());
      if (now !== asked || kept === found) return;
      [kept, rows, models] = [found, found.rows, found.models];
      if (!['area', 'n', ...models].includes(order[0])) order = ['n', -1];
      const groups = [...new Set(rows.map(row => row.group))].filter(Boolean), chosen = group.value;
      group.replaceChildren(h('option', { value: '' }, 'all groups'), ...groups.map(name => h('option', { value: name, selected: name === chosen }, name)));
      csv.href = data.url(`${now}.csv`);
      said.textContent = `Subject ${state.subject}: ${found.told}`;
      list();
    } catch (error) {
      if (now !== asked) return;
      [kept, rows] = [null, []];
      body.replaceChildren();
      said.textContent = `No table: ${error.message}`;
    }
  }
  return { element, draw, mark };
}
