// All test clips as small pictures, cut from one sheet: filters, order, near-duplicates folded; one tab stop with arrows.
import { catalogue, films, table, url } from './data.js';
import { h } from './dom.js';
import { set, state, subscribe } from './store.js';

const SCORES = { any: 'any score', best: 'best third', middle: 'middle third', worst: 'worst third' };
const CUTS = { any: 'cut or not', cut: 'with a cut', whole: 'without a cut' };

export function mountGallery(element) {
  const filters = { class: 'any', scene: 'any', score: 'any', cut: 'any' };
  let order = 'number', folded = true, listed = [];
  const count = h('span', { class: 'nc-count', role: 'status' });
  const list = h('div', { class: 'nc-thumbs', role: 'listbox', 'aria-label': 'Test clips', id: 'gallery' });
  const choose = (name, label, options) => h('select', { 'aria-label': label, onchange: e => { filters[name] = e.target.value; draw(); } },
    Object.entries(options).map(([value, text]) => h('option', { value }, text)));
  const names = field => ({ any: `any ${field}`, ...Object.fromEntries([...new Set(catalogue.clips.map(c => c[field]))].sort().map(x => [x, x])) });
  const sort = h('select', { 'aria-label': 'Order', onchange: e => { order = e.target.value; draw(); } },
    h('option', { value: 'number' }, 'by number'), h('option', { value: 'score' }, 'best first'));
  const fold = h('label', { class: 'nc-check' }, h('input', { type: 'checkbox', checked: true, onchange: e => { folded = e.target.checked; draw(); } }), 'fold look-alikes');
  element.append(
    h('div', { class: 'nc-filters' }, choose('class', 'Class', names('class')), choose('scene', 'Scene', names('scene')),
      choose('score', 'Score', SCORES), choose('cut', 'Cut', CUTS), sort, fold, count), list);

  const ranked = () => table(state.subject)?.ranked || [];
  function third(clip) {
    const place = ranked().indexOf(clip), n = ranked().length;
    return place < 0 ? '' : place < n / 3 ? 'best' : place < 2 * n / 3 ? 'middle' : 'worst';
  }
  function fits(clip) {
    const about = catalogue.clips[clip];
    return ['class', 'scene'].every(name => filters[name] === 'any' || about[name] === filters[name])
      && (filters.cut === 'any' || about.cut === (filters.cut === 'cut')) && (filters.score === 'any' || third(clip) === filters.score);
  }

  function choice() {
    const clips = (order === 'score' && ranked().length ? ranked() : catalogue.clips.map((_, i) => i)).filter(fits);
    if (!folded) return clips.map(clip => [clip, 1]);
    const groups = new Map();
    for (const clip of clips) { const g = catalogue.clips[clip].group; groups.set(g, [...(groups.get(g) || []), clip]); }
    // the clip that is shown stands for its group, so that the gallery follows the field
    return [...groups.values()].map(alike => [alike.includes(state.clip) ? state.clip : alike[0], alike.length]);
  }

  function tile([clip, alike]) {
    const x = clip % catalogue.in_a_row, y = Math.floor(clip / catalogue.in_a_row), rows = Math.ceil(catalogue.clips.length / catalogue.in_a_row);
    const mark = Object.entries(catalogue.subjects[state.subject].marks).find(([, c]) => c === clip)?.[0];
    const on = clip === state.clip;
    return h('div', { role: 'option', class: 'nc-thumb', 'data-clip': clip, 'aria-selected': String(on), tabindex: on ? '0' : '-1',
      'aria-label': `${clip}${mark ? ' ' + mark : ''}: ${catalogue.clips[clip].caption}${alike > 1 ? `, ${alike} clips of this shot` : ''}`, title: `${clip}: ${catalogue.clips[clip].caption}`,
      style: `background-position:${100 * x / (catalogue.in_a_row - 1)}% ${100 * y / (rows - 1)}%` },
    h('span', {}, clip), mark ? [' ', h('b', {}, mark)] : null, alike > 1 ? h('i', { 'data-alike': '×' + alike, title: `${alike} clips of the same shot` }) : null);
  }

  function draw() {
    list.style.setProperty('--sheet', `url(${url('/sheet.webp')})`);
    list.style.setProperty('--columns', catalogue.in_a_row);
    const held = list.contains(document.activeElement);
    listed = choice();
    list.replaceChildren(...listed.map(tile));
    if (!list.querySelector('[tabindex="0"]') && list.firstChild) list.firstChild.tabIndex = 0;
    count.textContent = `${listed.length} shown`;
    follow(held);
  }

  function follow(focus) {
    const chosen = list.querySelector('[aria-selected="true"]');
    if (!chosen) return;
    list.scrollTop = Math.max(0, chosen.offsetTop - list.clientHeight / 2 + 30);
    list.scrollLeft = Math.max(0, chosen.offsetLeft - list.clientWidth / 2 + 30);
    if (focus) chosen.focus({ preventScroll: true });
  }

  list.addEventListener('click', event => { const t = event.target.closest('.nc-thumb'); if (t) set({ clip: +t.dataset.clip }); });
  list.addEventListener('keydown', event => {
    const tiles = [...list.children], at = tiles.indexOf(document.activeElement);
    const across = Math.max(1, tiles.filter(t => t.offsetTop === tiles[0].offsetTop).length);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: tiles.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = tiles[Math.max(0, Math.min(tiles.length - 1, to))];
    next.focus(); set({ clip: +next.dataset.clip }, { push: 'slowly' });
  });
  subscribe((_, changed) => {
    if (changed.has('subject')) films(state.subject).then(draw);
    if (changed.has('clip') || changed.has('subject')) draw();
  });
  draw();
  return { random: () => { const others = listed.map(([clip]) => clip).filter(clip => clip !== state.clip); return others[Math.floor(Math.random() * others.length)] ?? state.clip; } };
}
