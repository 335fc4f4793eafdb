// Voxels on the cortex: which voxel stands for each of the 59,412 grayordinates of a subject.
import { url } from './data.js';

const known = new Map(), N = 59412;

async function fetched(path) {
  const answer = await fetch(url(path));
  if (!answer.ok) throw new Error(answer.status === 404 ? await answer.text() : `${path}: ${answer.status}`);
  return answer;
}

/* What is fetched once: a promise by its address. */
export function once(path, read) {
  if (!known.has(path)) known.set(path, fetched(path).then(read).catch(error => { known.delete(path); throw error; }));
  return known.get(path);
}

export const bytesOf = async answer => new Uint8Array(await answer.arrayBuffer());

/* Uint16Array (59412): 1 + the voxel, 0 where there is none near. */
export const voxelsOf = subject => once(`/activity/${subject}/voxels.bin`, async answer => new Uint16Array(await answer.arrayBuffer()));

/* One byte per voxel as one per grayordinate. */
export function onCortex(voxels, values, into = new Uint8Array(N)) {
  for (let row = 0; row < N; row++) into[row] = voxels[row] ? values[voxels[row] - 1] : 0;
  return into;
}
