// Which colour a byte of a map has: byte 1 + 254 v stands for a value v in [0, 1], byte 0 for none.
// A window [low, high] is what the colour bar shows: of v itself or, of a signed map, of how far v lies from 0.5 (by 1 at
// its ends). What lies below it stays transparent, so that the folds show.

export const bytes = b64 => Uint8Array.from(atob(b64), letter => letter.charCodeAt(0));
export const valueOf = byte => (byte - 1) / 254;
export const byteOf = value => 1 + Math.round(254 * value);

const SEQUENTIAL = 'inferno', DIVERGING = 'RdBu_r';
const decoded = new Map();

function coloursOf(palettes, name) {
  if (!decoded.has(name)) decoded.set(name, bytes(palettes[name]));
  return decoded.get(name);
}

/* Where between the ends of its colours a byte lies, 0 to 1; null where it is not shown. */
function place(byte, { low, high, signed }) {
  const value = valueOf(byte), size = signed ? Math.abs(2 * value - 1) : value;
  if (!byte || (signed ? size < low - 1e-9 : byte < byteOf(low))) return null;
  const along = signed ? 0.5 + (2 * value - 1) / (2 * high) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, along));
}

/* Uint32 (256) of canvas pixels (alpha, blue, green, red), 0 where the folds show. */
export function colourTable(palettes, scale) {
  const colours = coloursOf(palettes, scale.signed ? DIVERGING : SEQUENTIAL), table = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte++) {
    const along = place(byte, scale);
    if (along === null) continue;
    const q = 3 * Math.min(255, Math.floor(256 * along));
    table[byte] = (255 << 24 | colours[q + 2] << 16 | colours[q + 1] << 8 | colours[q]) >>> 0;
  }
  return table;
}

/* First and last byte of the colour bar. */
export function barOf({ low, high, signed }) {
  return signed ? [byteOf((1 - high) / 2), byteOf((1 + high) / 2)] : [byteOf(low), byteOf(high)];
}

/* The bar has one column for each byte between its ends. */
export function drawBar(canvas, table, scale) {
  const [first, last] = barOf(scale);
  Object.assign(canvas, { width: last - first + 1, height: 1 });
  const context = canvas.getContext('2d'), image = context.createImageData(canvas.width, 1);
  new Uint32Array(image.data.buffer).set(table.subarray(first, last + 1));
  context.putImageData(image, 0, 0);
}

const short = number => String(Number(number.toPrecision(3))).replace('-', '\u2212');

/* What stands below the bar: its ends and middle, and what is not drawn, in the numbers that a map is meant in. */
export function ticksOf({ low, high, signed }, [from, to]) {
  const meant = value => from + (to - from) * value;
  if (!signed) return { ticks: [low, (low + high) / 2, high].map(value => short(meant(value))), below: `below ${short(meant(low))}` };
  const end = (to - from) / 2;
  return { ticks: [-high * end, 0, high * end].map(short), below: low ? `within ±${short(low * end)}` : '' };
}
