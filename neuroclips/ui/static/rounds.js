// The rounds of the game: which films a number stands for, what the model says of them, and how sure a score is.

export const NUMBERS = 999_999; // rounds have the numbers 1 to this

/* Random numbers in [0, 1) that follow from a seed (mulberry32). */
function generator(seed) {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

/* {number, subject, clip, other, shown: the two true clips in their order, answer: 0 or 1}. The other clip is any that
   shows another shot: `clips` have the same group where they show the same one. */
export function roundOf(number, clips, subjects) {
  const random = generator(number), one = among => among[Math.floor(random() * among.length)];
  const subject = one(subjects), clip = Math.floor(random() * clips.length);
  const other = one([...clips.keys()].filter(c => clips[c].group !== clips[clip].group));
  const answer = random() < 0.5 ? 0 : 1;
  return { number, subject, clip, other, answer, shown: answer ? [other, clip] : [clip, other] };
}

/* The judged pairs of a subject as a question: does the film of `clip` look more like its own true clip than like `other`? */
export function judged(pairs, subject, nClips) {
  const stored = pairs.subjects[subject];
  if (!stored) return null;
  const bits = Uint8Array.from(atob(stored.nearer), letter => letter.charCodeAt(0)), wide = Math.ceil(nClips / 8);
  return (clip, other) => Boolean(bits[clip * wide + (other >> 3)] & 128 >> (other & 7));
}

/* How often the model is right over all pairs that can be drawn of all subjects. */
export function rightOfAll(pairs, clips, subjects) {
  let right = 0, all = 0;
  for (const subject of subjects) {
    const told = judged(pairs, subject, clips.length);
    if (!told) return null;
    clips.forEach((a, clip) => clips.forEach((b, other) => {
      if (a.group === b.group) return;
      all++; right += told(clip, other);
    }));
  }
  return right / all;
}

/* The 95 % interval of Wilson (1927) of a share: k of n. */
export function interval(k, n) {
  const z = 1.959964, p = k / n, middle = p + z * z / (2 * n);
  const half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)), all = 1 + z * z / n;
  return [(middle - half) / all, (middle + half) / all];
}
