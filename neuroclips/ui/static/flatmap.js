// The cortical flat map: 59,412 bytes, one per cortical grayordinate, drawn through look-up pictures; what lies under
// the pointer or the cross-hair is named. `mountFlatMap` fills an element and gives what shows a map in it.
import { areaOf, loadCortex, nextRegion, sideOf } from './cortex.js';

const STEP = 6; // [pixels of the pictures], of an arrow key with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const OUTLINE = [0, 229, 255, 255]; // of the area under the pointer: cyan is in no colour of the map
let mounted = 0;

const bytes = b64 => Uint8Array.from(atob(b64), letter => letter.charCodeAt(0));
const valueOf = byte => (byte - 1) / 254;
const byteOf = value => 1 + Math.round(254 * value);

/* The colour bar has one column for each byte between its ends. */
const page = (base, id, low, high) => `
<div class="fm">
  <div class="fm-picture" role="application" tabindex="0" aria-label="Cortical flat map" aria-describedby="${id}">
    <img class="fm-under" src="${base}under.png" alt="" draggable="false">
    <canvas class="fm-canvas"></canvas>
    <img class="fm-borders" src="${base}borders.png" alt="" draggable="false">
    <canvas class="fm-outline"></canvas>
    <span class="fm-side fm-l" title="left hemisphere">L</span><span class="fm-side fm-r" title="right hemisphere">R</span>
    <span class="fm-cross" hidden></span><span class="fm-tip" aria-hidden="true" hidden></span>
  </div>
  <div class="fm-legend">
    <span class="fm-scale"><canvas class="fm-bar" width="${byteOf(high) - byteOf(low) + 1}" height="1"
      role="img"></canvas><span class="fm-ticks"><span></span><span></span><span></span></span></span>
    <span class="fm-key"><i class="fm-none"></i><span class="fm-below"></span></span>
  </div>
  <p class="fm-note"></p>
  <p class="fm-said" role="status"></p>
  <p class="fm-help" id="${id}">Arrow keys go from area to area, with Shift in small steps. Enter or a click pins,
    Escape lets go.</p>
</div>`;

/* base : URL prefix of the pictures. names : of the areas by number. lut : base64 of 256 colours; byte 1 + 254 v stands
   for value v, byte 0 for none. low, high : the ends of the colour bar. Gives {show({b64, note, label})}; a
   caller that has the 59,412 bytes as a Uint8Array shows them as {values, note, label}. With `ends: [a, b]` a value v
   stands for a + (b - a) v in all that is written. */
export function mountFlatMap(element, { base, names, lut, low, high }) {
  element.innerHTML = page(base, `fm-help-${mounted++}`, low, high);
  const find = name => element.querySelector(`.fm-${name}`);
  const picture = find('picture'), canvas = find('canvas'), outline = find('outline'), cross = find('cross'), tip = find('tip');
  const colours = bytes(lut);
  let cortex = null, shown = null, values = null, at = null, outlined = -1, pinned = false;

  const paint = (data, q, byte) => { for (let c = 0; c < 3; c++) data[q + c] = colours[3 * byte + c]; data[q + 3] = 255; };

  function drawBar() {
    const bar = find('bar'), context = bar.getContext('2d'), image = context.createImageData(bar.width, 1);
    for (let i = 0; i < bar.width; i++) paint(image.data, 4 * i, byteOf(low) + i);
    context.putImageData(image, 0, 0);
  }

  /* What a value in [0, 1] stands for: itself, unless a map says what its 0 and 1 are. */
  function meant(value) {
    const [from, to] = (shown && shown.ends) || [0, 1];
    return from + (to - from) * value;
  }
  const read = byte => byte ? meant(valueOf(byte)).toFixed(2) : 'no voxel';

  function label() {
    const ticks = [low, (low + high) / 2, high].map(value => String(Number(meant(value).toPrecision(3))).replace('-', '\u2212'));
    find('ticks').querySelectorAll('span').forEach((span, i) => { span.textContent = ticks[i]; });
    find('bar').setAttribute('aria-label', `Colour bar from ${ticks[0]} (dark) to ${ticks[2]} (bright)`);
    find('below').textContent = `below ${ticks[0]}, or no voxel`;
  }

  /* Values below the colour bar stay transparent, so that the folds show. */
  function draw() {
    label();
    if (!cortex) return;
    values = shown ? shown.values || (shown.b64 ? bytes(shown.b64) : null) : null;
    const context = canvas.getContext('2d'), image = context.createImageData(cortex.width, cortex.height);
    const first = byteOf(low);
    if (values) cortex.row.forEach((row, p) => { if (row >= 0 && values[row] >= first) paint(image.data, 4 * p, values[row]); });
    context.putImageData(image, 0, 0);
    find('note').textContent = (shown && shown.note) || '';
    picture.setAttribute('aria-label', 'Cortical flat map' + (shown && shown.label ? ': ' + shown.label : ''));
    element.dataset.drawn = find('note').textContent;
    if (at) find('said').textContent = sentence(at);
  }

  /* The region and the byte under a pixel; null off the cortex. */
  function under({ x, y }) {
    const p = y * cortex.width + x, inside = x >= 0 && y >= 0 && x < cortex.width && y < cortex.height;
    if (!inside || cortex.region[p] < 0) return null;
    return { region: cortex.region[p], byte: values && cortex.row[p] >= 0 ? values[cortex.row[p]] : 0 };
  }

  function sentence(point) {
    const found = under(point);
    return found ? `${names[areaOf(found.region)] || 'no label'}, ${sideOf(found.region)}: ${read(found.byte)}` : '';
  }

  /* A line around the area under the pointer. */
  function drawOutline(region) {
    if (region === outlined) return;
    outlined = region;
    const context = outline.getContext('2d'), place = cortex.places.get(region);
    context.clearRect(0, 0, outline.width, outline.height);
    if (!place) return;
    const wide = place.right - place.left + 1, high = place.bottom - place.top + 1, image = context.createImageData(wide, high);
    for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) {
      const p = (y + place.top) * cortex.width + x + place.left;
      const edge = [p - 1, p + 1, p - cortex.width, p + cortex.width].some(q => cortex.region[q] !== region);
      if (cortex.region[p] === region && edge) image.data.set(OUTLINE, 4 * (y * wide + x));
    }
    context.putImageData(image, place.left, place.top);
  }

  const put = (node, { x, y }) => {
    Object.assign(node.style, { left: 100 * (x + 0.5) / cortex.width + '%', top: 100 * (y + 0.5) / cortex.height + '%' });
    node.hidden = false;
  };

  function showTip(point) {
    const text = sentence(point);
    if (!text) { tip.hidden = true; return; }
    tip.textContent = text;
    tip.classList.toggle('fm-flip', point.x > 0.7 * cortex.width);
    put(tip, point);
  }

  /* Put the cross-hair on a point and say what lies there. */
  function go(point, pin = pinned) {
    [at, pinned] = [point, pin];
    put(cross, point);
    cross.classList.toggle('fm-pinned', pin);
    drawOutline(under(point) ? under(point).region : -1);
    showTip(point);
    find('said').textContent = sentence(point) + (pin ? ', pinned' : '');
  }

  function letGo() {
    [at, pinned, cross.hidden, tip.hidden] = [null, false, true, true];
    find('said').textContent = '';
    drawOutline(-1);
  }

  function pointOf(event) {
    const box = canvas.getBoundingClientRect();
    const along = (from, length, n) => Math.floor(from * n / length);
    return { x: along(event.clientX - box.left, box.width, cortex.width), y: along(event.clientY - box.top, box.height, cortex.height) };
  }

  picture.addEventListener('pointermove', event => {
    if (!cortex || pinned || event.pointerType === 'touch') return;
    const point = pointOf(event), found = under(point);
    drawOutline(found ? found.region : -1);
    showTip(point);
  });
  picture.addEventListener('pointerleave', () => {
    if (!cortex || pinned) return;
    if (at) go(at); else letGo();
  });
  picture.addEventListener('click', event => {
    if (!cortex) return;
    const point = pointOf(event);
    if (under(point)) go(point, true); else letGo();
  });
  picture.addEventListener('keydown', event => {
    if (!cortex || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) move(arrow, event.shiftKey);
    else if (event.key === 'Escape' && at) letGo();
    else if ((event.key === 'Enter' || event.key === ' ') && at) go(at, !pinned);
    else return;
    event.preventDefault();
  });

  function move([dx, dy], small) {
    if (!at) return go(strongest(), false);
    const step = { x: at.x + STEP * dx, y: at.y + STEP * dy };
    const next = small ? step : nextRegion(cortex.places, at, [dx, dy], under(at) && under(at).region);
    if (next && under(next)) go({ x: next.x, y: next.y }, false);
  }

  /* Where the cross-hair starts: on the highest value. */
  function strongest() {
    let best = cortex.places.values().next().value, most = 0;
    if (values) cortex.row.forEach((row, p) => {
      if (row < 0 || cortex.region[p] < 0 || values[row] <= most) return;
      [most, best] = [values[row], { x: p % cortex.width, y: Math.floor(p / cortex.width) }];
    });
    return { x: best.x, y: best.y };
  }

  drawBar();
  label();
  const ready = loadCortex(base).then(loaded => {
    cortex = loaded;
    for (const sheet of [canvas, outline]) Object.assign(sheet, { width: cortex.width, height: cortex.height });
    draw();
    return loaded;
  }).catch(() => { find('note').textContent = 'The pictures of the map could not be loaded: reload the page.'; });
  return { show(value) { shown = value; draw(); }, picture, ready }; // ready: a promise of the cortex of loadCortex
}
