// Layers of the map as the server has them, each fetched once.
import { bytesOf, once, onCortex, voxelsOf } from './voxels.js';

export const SHORT = { perception: 'PR', semantic: 'SR', difference: 'PR − SR', none: 'mean' }; // of models
export const SIGNED = [0.1, 1]; // window of a difference
export const load = () => once('/cortex/layers.json', answer => answer.json());

/* What a choice {layer, model, scale, window} comes to beside what there is: model "none" where a layer is that of no
   model, and the layer's own scale and window where none, or none that there is, was chosen. */
export function resolved({ layers, models, scales }, { layer, model, scale, window }) {
  const name = layers[layer] ? layer : 'weights', about = layers[name], wanted = models[model] || model === 'difference' ? model : 'perception';
  const signed = about.signed || wanted === 'difference' && about.models.length > 0, own = signed && !about.signed ? SIGNED : about.window;
  return { layer: name, about, signed, model: about.models.length ? wanted : 'none', scale: scales[scale] ? scale : about.scale, window: parsed(window) || own };
}

const parsed = text => {
  const pair = (text || '').split('-').map(Number);
  return pair.length === 2 && pair[0] >= 0 && pair[0] < pair[1] && pair[1] <= 1 ? pair : null;
};

/* {values (59412), own: the ends in the layer's numbers} of a subject. */
export async function valuesOf(subject, { layer, model, scale }) {
  const read = async answer => ({ bytes: await bytesOf(answer), own: answer.headers.get('X-Ends').split(',').map(Number) });
  const [voxels, { bytes, own }] = await Promise.all([voxelsOf(subject), once(`/cortex/${subject}/${layer}/${model}/${scale}.bin`, read)]);
  return { values: onCortex(voxels, bytes), own };
}
