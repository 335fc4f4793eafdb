// A map of activity on which voxels that are silenced before anything is decoded are empty.
import { lesioned, silenced, state } from './store.js';
import { once } from './voxels.js';

const EMPTY = 'no voxel, or silenced';

const bitsOf = async answer => Uint8Array.from(atob((await answer.json()).bits), letter => letter.charCodeAt(0));
const asked = () => '/lesions/mask.json?' + new URLSearchParams({ subject: state.subject, lesion: state.lesion, keep: state.keep });

/* map : of flatmap.js. wanted() : whether it shows activity now. Gives {show}, which stands in the place of the map's own,
   and again(), for a lesion that changed. */
export function unlessSilenced(map, wanted) {
  let shown = null, bits = null, of = '', drawn = null;

  function show(value) {
    shown = value;
    const path = lesioned() ? asked() : '';
    if (path !== of) { [of, bits] = [path, null]; if (path) ask(path); }
    if (!path || !value.values) return map.show(value);
    const told = bits ? `grey: no voxel, or silenced before decoding (${silenced()})` : `${silenced()} before decoding`;
    map.show({ ...value, values: bits ? without(value.values) : value.values, note: `${value.note}; ${told}`, empty: EMPTY });
  }

  async function ask(path) { // words that name no region are told by the run itself
    const found = await once(path, bitsOf).catch(() => null);
    if (path === of && found) { bits = found; if (wanted()) again(); }
  }

  function without(values) {
    drawn = drawn || new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) drawn[i] = bits[i >> 3] >> (i & 7) & 1 ? 0 : values[i];
    return drawn;
  }

  const again = () => shown && show(shown);
  return { show, again };
}
