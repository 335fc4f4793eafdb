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
      [at, key] = [{ values, about: told(subject, clip, catalogue.subjects[subject].n_voxels) }, ''];
    } catch (error) {
      if (now === asked && wanted()) { at = null; map.show({ note: `No activity is shown: ${error.message}` }); }
    }
  }

  function draw(now) {
    requestAnimationFrame(draw);
    if (!at || now - last < EVERY || !map.picture.offsetParent || !wanted()) return;
    const lead = player.leader(), time = lead ? Math.min(2, lead.currentTime) : 1, shown = `${asked} ${time.toFixed(2)}`;
    if (shown === key) return;
    [key, last] = [shown, now];
    map.show({ values: at.values(time), ...at.about });
  }
  requestAnimationFrame(draw);
  return to;
}
