// The section "maps" of the Brain tab: layers, models, scales and subjects, each map with the same pointer and pin.
import { mountClaims } from './claims.js';
import * as data from './data.js';
import { h } from './dom.js';
import { areaOf, regionOf, sideOf } from './cortex.js';
import { mountFlatMap } from './flatmap.js';
import { SHORT, load, resolved, valuesOf } from './layers.js';
import { controls } from './mapcontrols.js';
import { mountRegions } from './regiontable.js';
import { set, state, subscribe } from './store.js';

const LOOKED_AT = ['subject', 'layer', 'model', 'scale', 'window', 'brains', 'area'];
const CITED = 'Areas: Glasser et al. 2016, Nature 536, 171\u2013178. Flat meshes: Human Connectome Project, WU-Minn Consortium, under its Open Access Data Use Terms.';

export async function mountMaps(element) {
  let about;
  try { about = await load(); } catch (error) { element.append(h('p', { class: 'nc-bad' }, `No maps are shown: ${error.message}`)); return; }
  const subjects = Object.keys(data.catalogue.subjects).map(Number), chosen = () => resolved(about, state);
  const boxes = subjects.map(subject => h('div', { class: 'nc-brain-one', 'data-subject': subject }, h('h4', {}, `Subject ${subject}`), h('div', {})));
  const maps = boxes.map(box => mountFlatMap(box.lastChild, { base: data.url('/brain/'), ...data.catalogue.map }));
  const choose = controls(about, chosen), regions = mountRegions(region => maps.forEach(map => map.outline(region)), pin);
  const claims = mountClaims(), missing = h('p', { class: 'nc-note', 'data-missing': '' }), meaning = h('p', { class: 'nc-note nc-meaning' });
  element.append(choose.element, meaning, h('div', { class: 'nc-brain-maps' }, h('div', { class: 'nc-brain-grid' }, boxes), regions.element), missing, claims.element, h('p', { class: 'nc-note' }, CITED));
  maps.forEach(map => map.on(told => {
    for (const other of maps) if (other !== map) other.follow(told);
    regions.mark(told.region);
    if (told.action !== 'hover') set({ area: told.pin && told.action === 'go' ? nameOf(told.region) : '' }, { push: false });
  }));

  const { names } = data.catalogue.map;
  function nameOf(region) { return region < 0 || !names[areaOf(region)] ? '' : `${sideOf(region)[0].toUpperCase()}_${names[areaOf(region)]}`; }
  function pin(region) { maps[0].pin(region); }
  function pinNamed(name) {
    const number = names.indexOf(name.slice(2));
    if (number > 0) pin(regionOf(number, name[0] === 'R' ? 'right' : 'left'));
  }

  const shown = subject => state.brains === 'three' || subject === state.subject;
  async function draw() {
    const now = chosen();
    choose.draw();
    meaning.textContent = `${now.about.meaning[0].toUpperCase()}${now.about.meaning.slice(1)}; ${about.scales[now.scale]}.${now.about.simulated ? ' Of the simulated brain itself.' : ''}`;
    boxes.forEach((box, i) => { box.hidden = !shown(subjects[i]); });
    element.dataset.n = state.brains === 'three' ? 3 : 1;
    missing.textContent = [...new Set(subjects.filter(shown).map(subject => about.missing[subject]?.[now.layer]))].filter(Boolean).join('. ');
    regions.draw(now); claims.draw(now);
    await Promise.all(subjects.map((subject, i) => shown(subject) && one(maps[i], subject, now)));
    element.dataset.drawn = key(now);
  }
  const key = now => [state.brains, state.subject, now.layer, now.model, now.scale, now.window.join('-')].join(' ');

  async function one(map, subject, now) {
    const name = `${now.about.label}${now.model === 'none' ? '' : `, ${SHORT[now.model]}`}, subject ${subject}`;
    try {
      const { values, own } = await valuesOf(subject, now);
      if (key(now) !== key(chosen())) return;
      map.show({ values, own, unit: '', ends: now.signed ? [-1, 1] : [0, 1], window: now.window, signed: now.signed, label: name, note: `${name} (simulated): 0 to 1 is ${range(now, own)}` });
    } catch (error) { map.show({ label: name, note: `${name}: ${error.message}` }); }
  }

  subscribe((_, changed) => {
    if (LOOKED_AT.some(name => name !== 'area' && changed.has(name))) draw();
  });
  draw();
  maps[0].ready.then(() => { if (state.area) pinNamed(state.area); });
}

const range = (now, [low, high]) => `${(now.signed ? 0 : low).toPrecision(2)} to ${high.toPrecision(2)} [${now.model === 'difference' && !now.about.signed ? 'in units of the mean of each model' : now.about.unit}]`;
