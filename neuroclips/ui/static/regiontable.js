// A layer in numbers, per area: voxels, and the mean of each model with its interval; a row and the map mark each other.
import * as data from './data.js';
import { areaOf, regionOf, sideOf } from './cortex.js';
import { h } from './dom.js';
import { SHORT } from './layers.js';
import { state } from './store.js';
import { once } from './voxels.js';

const number = x => x === null ? '–' : Math.abs(x) < 0.1 ? x.toPrecision(2) : x.toFixed(2);

/* outline(region), pin(region): of the maps. Gives {element, draw(choice), mark(region)}. */
export function mountRegions(outline, pin) {
  const { names, glossary } = data.catalogue.map, body = h('tbody'), head = h('tr'), said = h('p', { class: 'nc-note' });
  const group = h('select', { 'aria-label': 'Group of areas', onchange: list }), csv = h('span', { class: 'nc-row' });
  const table = h('table', { onmouseleave: () => outline(-1) }, h('thead', {}, head), body);
  const element = h('div', { class: 'nc-regions', 'aria-label': 'Areas' }, h('div', { class: 'nc-row' }, group, csv), h('div', { class: 'nc-scrolled', tabIndex: 0, role: 'region', 'aria-label': 'Table of areas' }, table), said);
  let rows = [], columns = [], order = ['n', -1], marked = -1, asked = '';

  const value = (row, column) => column === 'area' ? row.area + row.side : column === 'n' ? Math.max(...Object.values(row.n)) : row.means[column]?.[0] ?? -Infinity;
  const titles = () => [['area', 'area'], ['n', 'voxels'], ...columns.map(({ key, title }) => [key, title])];
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
    return h('tr', { 'data-region': region, onmouseenter: () => outline(region) }, h('th', { scope: 'row' }, name), h('td', {}, Object.values(row.n).join(' · ')),
      columns.map(({ key }) => cell(row.means[key])));
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

  async function draw({ layer, model }) {
    const three = state.brains === 'three', subjects = three ? Object.keys(data.catalogue.subjects) : [String(state.subject)], now = asked = [layer, model, ...subjects].join();
    const of = (subject, end) => `/cortex/${subject}/${layer}/regions.${end}`;
    csv.replaceChildren(...subjects.map(subject => h('a', { class: 'nc-file', download: '', href: data.url(of(subject, 'csv')) }, three ? `CSV ${subject}` : 'CSV')));
    try {
      const found = await Promise.all(subjects.map(subject => once(of(subject, 'json'), answer => answer.json())));
      if (now !== asked) return;
      const models = three && found[0].models.includes(model) ? [model] : found[0].models;
      columns = subjects.flatMap(subject => models.map(each => ({ key: `${subject}/${each}`, title: three ? `S${subject} ${SHORT[each]}` : SHORT[each] })));
      rows = joined(subjects, found);
      if (!['area', 'n', ...columns.map(({ key }) => key)].includes(order[0])) order = ['n', -1];
      const groups = [...new Set(rows.map(row => row.group))].filter(Boolean), chosen = group.value;
      group.replaceChildren(h('option', { value: '' }, 'all groups'), ...groups.map(name => h('option', { value: name, selected: name === chosen }, name)));
      said.textContent = `Subject ${subjects.join(', ')}: ${found[0].told}`;
      list();
    } catch (error) {
      if (now !== asked) return;
      rows = [];
      body.replaceChildren();
      said.textContent = `No table: ${error.message}`;
    }
  }
  return { element, draw, mark };
}

/* One row per area, whosever voxels are in it: n by subject, means by subject and model. */
function joined(subjects, tables) {
  const found = new Map();
  tables.forEach(({ rows }, i) => rows.forEach(({ area, side, group, n, means }) => {
    const name = area + side;
    if (!found.has(name)) found.set(name, { area, side, group, n: Object.fromEntries(subjects.map(subject => [subject, 0])), means: {} });
    found.get(name).n[subjects[i]] = n;
    for (const [model, numbers] of Object.entries(means)) found.get(name).means[`${subjects[i]}/${model}`] = numbers;
  }));
  return [...found.values()];
}
