// What the shown layer says of the brain, in two lines: how far it agrees with the truth, and the paper's claim.
import { h } from './dom.js';
import { SHORT } from './layers.js';
import { state } from './store.js';
import { once } from './voxels.js';

const p = value => value < 0.001 ? 'p < 0.001' : `p = ${Number(value.toPrecision(2))}`;
const signed = x => (x < 0 ? '\u2212' : '') + Math.abs(x).toFixed(2);
const percent = x => `${(100 * x).toFixed(1)} %`;

/* Gives {element, draw(choice)}. */
export function mountClaims() {
  const element = h('ul', { class: 'nc-claims' });
  async function draw(now) {
    const found = await once('/cortex/claims.json', answer => answer.json()).catch(() => ({}));
    const who = state.brains === 'three' ? Object.keys(found.truth || {}) : [String(state.subject)];
    const lines = [withTruth(found, now, who), paper(found, now, state.brains === 'three' ? 'all' : String(state.subject))];
    element.replaceChildren(...lines.filter(Boolean).map(line => h('li', { title: found.null }, line)));
  }
  return { element, draw };
}

function keysOf({ layer, model }) {
  if (model === 'none') return [['truth-total', layer, '']];
  if (model === 'difference') return layer === 'weights' ? [['difference of the truth', 'difference', 'PR − SR']] : [];
  return [[`truth/${model}`, `${layer}/${model}`, SHORT[model]]];
}

function withTruth(found, now, who) {
  const told = keysOf(now).flatMap(([map, key, name]) => who.map(subject => [subject, name, found.truth?.[subject]?.[map]?.[key]]))
    .filter(([, , agreement]) => agreement).map(([subject, name, { rho, p: sure }]) => `subject ${subject}${name && ', ' + name}: ρ = ${signed(rho)}, ${p(sure)}`);
  return told.length ? `Rank correlation over voxels with the true map of the simulated brain, ${told.join('; ')}.` : '';
}

/* The claim of section 7 in one line: PR weighs early visual cortex, SR what lies higher. */
function paper(found, { layer, about }, who) {
  const name = layer === 'weights' ? 'weight' : about.label.toLowerCase();
  const parts = Object.entries(found['section 7']?.[layer] || {}).slice(0, 2).flatMap(([claim, by]) => by[who] ? [[claim, by[who]]] : []);
  if (!parts.length) return '';
  const told = parts.map(([claim, { perception, semantic, difference, p: sure }], i) => [
    i ? '; ' : '', h('span', { title: found.claims?.[claim] }, claim.replace(/^(perception|semantics) in /, '')), ` hold ${percent(perception)} of the ${name} of PR and ${percent(semantic)} of that of SR: `,
    h('b', {}, difference > 0 ? (sure < 0.05 ? 'holds' : 'not significant') : 'fails'), `, ${p(sure)}`]);
  return h('span', {}, `The paper’s section 7, ${who === 'all' ? 'three subjects' : `subject ${who}`}: `, told.flat(), '.');
}
