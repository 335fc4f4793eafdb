// The look-up pictures of the flat map, rasterised once: which grayordinate and which area lies under each pixel.

const N_AREAS = 181; // of one hemisphere, number 0 being "no label"; a region is an area of one hemisphere

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

/* The whole number in red, green and blue of each pixel, -1 where the picture is transparent. */
function numbers({ data }) {
  return Int32Array.from({ length: data.length / 4 }, (_, p) =>
    data[4 * p + 3] ? data[4 * p] | data[4 * p + 1] << 8 | data[4 * p + 2] << 16 : -1);
}

/* {width, height, row, region, places}: row and region of each pixel (-1: none), and the middle of each region. */
export async function loadCortex(base) {
  const [index, areas] = await Promise.all(['index', 'area'].map(name => pixels(`${base}${name}.png`)));
  const { width, height } = index, region = numbers(areas);
  const row = numbers(index).map(number => number - 1); // 0 stands for none
  for (let p = 0; p < region.length; p++) if (region[p] >= 0 && p % width >= width / 2) region[p] += N_AREAS;
  return { width, height, row, region, places: middles(region, width) };
}

export const areaOf = region => region % N_AREAS;
export const sideOf = region => region < N_AREAS ? 'left' : 'right';

/* For each labelled region the pixel of it that is nearest to its centre of mass, and the box around it. */
function middles(region, width) {
  const places = new Map();
  const each = visit => region.forEach((r, p) => { if (r >= 0 && areaOf(r)) visit(r, p % width, Math.floor(p / width)); });
  each((r, x, y) => {
    const place = places.get(r) || { n: 0, sumX: 0, sumY: 0, left: x, right: x, top: y, bottom: y, gap: Infinity };
    place.n++; place.sumX += x; place.sumY += y;
    place.left = Math.min(place.left, x); place.right = Math.max(place.right, x);
    place.top = Math.min(place.top, y); place.bottom = Math.max(place.bottom, y);
    places.set(r, place);
  });
  each((r, x, y) => {
    const place = places.get(r), gap = (x - place.sumX / place.n) ** 2 + (y - place.sumY / place.n) ** 2;
    if (gap < place.gap) Object.assign(place, { gap, x, y });
  });
  return places;
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
