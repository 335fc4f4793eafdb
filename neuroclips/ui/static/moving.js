// A map that moves with the films of a player: the activity at the time that they show.
import { catalogue } from './data.js';
import { activityOf, told } from './samples.js';

const EVERY = 80; // [ms] between pictures of the map: samples are 2 s apart, so more would show nothing else

/* Draws while `wanted()`, which is false where nobody looks. Gives to(subject, clip), which says whose activity it is. */
export function moveWith(player, map, wanted) {
  let at = null, asked = '', key = '', last = 0;

  async function to(subject, clip) {
    const now = asked = `${subject}/${clip}`;
    try {
      const values = await activityOf(subject, clip);
      if (now !== asked) return;
      at = { values, about: told(subject, clip, catalogue.subjects[subject].n_voxels) };
      [key, last] = ['', 0];
      player.wake();
    } catch (error) {
      if (now === asked && wanted()) { at = null; map.show({ note: `No activity is shown: ${error.message}` }); }
    }
  }

  player.follow(map.picture, (lead, now) => {
    if (!at || !wanted() || (lead !== null && player.playing && now - last < EVERY)) return;
    const time = lead === null ? 1 : Math.min(2, lead), shown = `${asked} ${time.toFixed(2)}`;
    if (shown === key) return;
    [key, last] = [shown, now];
    map.show({ values: at.values(time), ...at.about });
  });
  return to;
}
