// The fMRI of a film at any moment: samples are 2 s apart, each of the middle of its clip, and between two it is a mean
// of both, weighted by time. Films and samples are lined up already, by the 4 s delay.
import { catalogue } from './data.js';
import { bytesOf, once, onCortex, voxelsOf } from './voxels.js';

const CHUNK = 30; // samples in a file
export const ENDS = [-5, 5]; // [z] that a byte spans
export const WINDOW = [0.06, 0.5]; // shown: from 0.3 z to 2.5 z, in either direction
export const TR = 2; // [s]
export const FILM = 240; // samples of a film

export const filmOf = clip => Math.floor(clip / FILM);
const neighbour = (clip, by) => filmOf(clip + by) === filmOf(clip) && catalogue.clips[clip + by] ? clip + by : clip;
const chunk = (subject, clip) => once(`/activity/${subject}/${Math.floor(clip / CHUNK)}.bin`, bytesOf);

/* What gives the 59,412 bytes of a clip at a time of its film [s]. */
export async function activityOf(subject, clip) {
  const around = [neighbour(clip, -1), clip, neighbour(clip, 1)];
  const [voxels, ...files] = await Promise.all([voxelsOf(subject), ...around.map(each => chunk(subject, each))]);
  const n = files[0].length / CHUNK;
  const rows = around.map((each, i) => files[i].subarray((each % CHUNK) * n, (each % CHUNK + 1) * n));
  const mixed = new Uint8Array(n), drawn = new Uint8Array(voxels.length);
  return time => {
    const from = time < TR / 2 ? 0 : 1, share = time / TR + 0.5 - from; // of the later one
    const [a, b] = [rows[from], rows[from + 1]];
    for (let v = 0; v < n; v++) mixed[v] = a[v] + Math.round((b[v] - a[v]) * share);
    return onCortex(voxels, mixed, drawn);
  };
}

export const told = (subject, clip, n) => ({
  ends: ENDS, window: WINDOW, signed: true, moving: true, label: `activity of subject ${subject} in clip ${clip}, z`,
  note: `z of ${n.toLocaleString('en')} simulated voxels; interpolated between samples 2 s apart; shifted by the 4 s delay`,
});
