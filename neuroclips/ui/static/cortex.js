// The look-up pictures of the flat map, rasterised once: which grayordinate and which area lies under each pixel.

const N_AREAS = 181; // of one hemisphere, number 0 being "no label"; a region is an area of one hemisphere
const loaded = new Map();

async function pixels(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const sheet = document.createElement('canvas');
  [sheet.width, sheet.height] = [image.naturalWidth, image.naturalHeight];
  const context = sheet.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, sheet.width, sheet.height);
}

/* {width, height, row, region, covered, rows, places}: row and region of each pixel (-1: none), the pixels that have a
   row with these rows, and the middle of each region, looked for when it is first asked for. All maps of a page share it. */
export function loadCortex(base) {
  if (!loaded.has(base)) loaded.set(base, load(base).catch(error => { loaded.delete(base); throw error; }));
  return loaded.get(base);
}

async function load(base) {
  const [index, areas] = await Promise.all(['index', 'area'].map(name => pixels(`${base}${name}.webp`)));
  const { width, height } = index, region = regions(areas), [row, n] = rowsOf(index);
  let places = null;
  return { width, height, row, region, ...coverage(row, n), get places() { return places ||= middles(region, width); } };
}

/* The number in red, green and blue of each pixel less one, and how many have one; 0 and transparent pixels have none. */
function rowsOf({ data }) {
  const words = new Uint32Array(data.buffer), row = new Int32Array(words.length);
  let n = 0;
  for (let p = 0; p < words.length; p++) if ((row[p] = (words[p] & 0xffffff) - 1) >= 0) n++;
  return [row, n];
}

/* Areas of the left hemisphere, then of the right one. */
function regions({ data, width }) {
  const words = new Uint32Array(data.buffer), region = new Int32Array(words.length);
  for (let p = 0, x = 0; p < words.length; p++, x = x + 1 === width ? 0 : x + 1) {
    region[p] = words[p] >>> 24 ? (words[p] & 0xff) + (x >= width / 2 ? N_AREAS : 0) : -1;
  }
  return region;
}

function coverage(row, n) {
  const covered = new Uint32Array(n), rows = new Uint16Array(n);
  for (let p = 0, i = 0; p < row.length; p++) if (row[p] >= 0) { covered[i] = p; rows[i++] = row[p]; }
  return { covered, rows };
}

export const areaOf = region => region % N_AREAS;
export const sideOf = region => region < N_AREAS ? 'left' : 'right';
export const regionOf = (area, side) => area + (side === 'right' ? N_AREAS : 0);

/* For each labelled region the pixel of it that is nearest to its centre of mass, and the box around it. */
function middles(region, width) {
  const places = new Map();
  for (let p = 0, x = 0, y = 0; p < region.length; p++, x++) {
    if (x === width) [x, y] = [0, y + 1];
    const r = region[p];
    if (r < 0 || !areaOf(r)) continue;
    let place = places.get(r);
    if (!place) places.set(r, place = { n: 0, sumX: 0, sumY: 0, left: x, right: x, top: y, bottom: y, gap: Infinity });
    place.n++; place.sumX += x; place.sumY += y;
    place.left = Math.min(place.left, x); place.right = Math.max(place.right, x); place.bottom = y;
  }
  for (const [r, place] of places) nearest(region, width, r, place);
  return places;
}

function nearest(region, width, r, place) {
  for (let y = place.top; y <= place.bottom; y++) for (let x = place.left; x <= place.right; x++) {
    const gap = (x - place.sumX / place.n) ** 2 + (y - place.sumY / place.n) ** 2;
    if (gap < place.gap && region[y * width + x] === r) Object.assign(place, { gap, x, y });
  }
}

/* The region whose middle lies next in a direction: near, and not far off to the side. */
export function nextRegion(places, { x, y }, [towardsX, towardsY], current) {
  let found = null, least = Infinity;
  for (const [region, place] of places) {
    const ahead = (place.x - x) * towardsX + (place.y - y) * towardsY;
    const aside = Math.abs((place.x - x) * towardsY) + Math.abs((place.y - y) * towardsX);
    if (region === current || ahead <= 0 || ahead + 2 * aside >= least) continue;
    [found, least] = [place, ahead + 2 * aside];
  }
  return found;
}

/* A line along the inside of a region's edge, on a canvas of the pictures' size. */
export function drawOutline(canvas, cortex, region, colour, thick = 2) {
  const context = canvas.getContext('2d'), place = cortex.places.get(region), { width } = cortex;
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!place) return;
  const wide = place.right - place.left + 1, high = place.bottom - place.top + 1, image = context.createImageData(wide, high);
  const steps = [-1, 1, -width, width].map(step => step * thick);
  for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) {
    const p = (y + place.top) * width + x + place.left;
    if (cortex.region[p] === region && steps.some(step => cortex.region[p + step] !== region)) image.data.set(colour, 4 * (y * wide + x));
  }
  context.putImageData(image, place.left, place.top);
}
