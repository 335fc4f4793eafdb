// A flat map to choose cortex on: a click takes an area, a brush leaves discs; what is silenced is hatched.
import { areaOf, sideOf } from './cortex.js';
import * as data from './data.js';
import { h, segments } from './dom.js';
import { mountFlatMap } from './flatmap.js';
import { state, subscribe } from './store.js';

const WIDE = 900; // in which places on the map are told
const HATCH = 7, LINE = 3; // [pixels of the pictures] from line to line, and of a line
const TOOLS = [['area', 'click areas'], ['brush', 'paint']], HALVES = [['', 'both sides'], ['own', 'one side']];

/* add(names) and toggle(name) change the lesion. Gives {hatch(bits)}: base64 of a bit for each grayordinate. */
export function mountBrush(element, tools, { add, toggle }) {
  const map = mountFlatMap(element, { base: data.url('/brain/'), ...data.catalogue.map }), names = data.catalogue.map.names;
  const sheet = h('canvas', { class: 'nc-brush', 'aria-hidden': 'true' });
  let cortex = null, tool = 'area', half = '', radius = 18, stroke = null, bits = null;
  map.picture.append(sheet);
  map.picture.setAttribute('aria-description', 'Enter or a click chooses the area under the cross-hair, or paints there');

  const size = h('input', { type: 'range', id: 'lesion-brush', min: 6, max: 60, value: radius, 'aria-label': 'Size of the brush', oninput: event => { radius = +event.target.value; } });
  const sized = h('label', { class: 'nc-check' }, 'size', size);
  const which = segments('How cortex is chosen', TOOLS, to => { tool = to; draw(); }), sides = segments('Hemispheres of a click', HALVES, to => { half = to; });
  tools.append(which.element, sides.element, sized);

  const pointOf = event => {
    const box = sheet.getBoundingClientRect();
    return { x: (event.clientX - box.left) * WIDE / box.width, y: (event.clientY - box.top) * WIDE / box.width };
  };
  const disc = ({ x, y }) => `disc:${Math.round(x)}:${Math.round(y)}:${radius}`;

  function take(point) { // the area there
    const scale = cortex.width / WIDE, p = Math.floor(point.y * scale) * cortex.width + Math.floor(point.x * scale), region = cortex.region[p];
    if (region >= 0 && names[areaOf(region)]) toggle((half ? sideOf(region)[0].toUpperCase() + '_' : '') + names[areaOf(region)]);
  }

  function dab(point) {
    const last = stroke[stroke.length - 1];
    if (last && Math.hypot(point.x - last.x, point.y - last.y) < 0.6 * radius) return;
    stroke.push(point);
    const context = sheet.getContext('2d'), scale = cortex.width / WIDE;
    context.fillStyle = '#00e5ff99';
    context.beginPath(); context.arc(point.x * scale, point.y * scale, radius * scale, 0, 7); context.fill();
  }

  sheet.addEventListener('pointerdown', event => {
    if (!cortex || tool !== 'brush' || event.button) return;
    sheet.setPointerCapture(event.pointerId);
    stroke = [];
    dab(pointOf(event));
  });
  sheet.addEventListener('pointermove', event => { if (stroke) event.getCoalescedEvents().concat(event).forEach(each => dab(pointOf(each))); });
  sheet.addEventListener('pointercancel', () => { stroke = null; draw(); });
  sheet.addEventListener('pointerup', () => {
    if (!stroke) return;
    const painted = stroke;
    stroke = null;
    add(painted.map(disc));
  });
  sheet.addEventListener('click', event => { // the map below would pin its cross-hair
    event.stopPropagation();
    if (cortex && tool === 'area') take(pointOf(event));
  });
  map.picture.addEventListener('keydown', event => {
    const cross = map.picture.querySelector('.fm-cross');
    if (!cortex || !['Enter', ' '].includes(event.key) || cross.hidden) return;
    event.preventDefault(); event.stopImmediatePropagation();
    const [x, y] = [cross.style.left, cross.style.top].map(parseFloat), point = { x: x * WIDE / 100, y: y / 100 * WIDE * cortex.height / cortex.width };
    if (tool === 'area') take(point); else add([disc(point)]);
  }, true);

  function draw() {
    which.set(tool); sides.set(half); sized.hidden = tool !== 'brush'; sides.element.hidden = tool !== 'area';
    sheet.style.touchAction = tool === 'brush' ? 'none' : 'manipulation';
    if (!cortex) return;
    const context = sheet.getContext('2d'), image = context.createImageData(cortex.width, cortex.height), pixels = new Uint32Array(image.data.buffer);
    if (bits) cortex.row.forEach((row, p) => {
      if (row < 0 || !(bits[row >> 3] >> (row & 7) & 1)) return;
      const along = (p % cortex.width + Math.floor(p / cortex.width)) % HATCH;
      pixels[p] = along < LINE ? 0xffffe500 : 0x66301000; // cyan lines on shade
    });
    context.putImageData(image, 0, 0);
  }

  async function drawMap() {
    const subject = state.subject, answer = await fetch(data.weights(subject, 'perception'));
    if (!answer.ok || subject !== state.subject) return;
    map.show({ values: new Uint8Array(await answer.arrayBuffer()), note: `Perception Reconstructor, subject ${subject}: mean |ridge weight|; hatched: silenced`, label: 'choose regions to silence' });
  }

  subscribe((_, changed) => { if (changed.has('subject')) drawMap(); });
  map.ready.then(loaded => { cortex = loaded; if (cortex) Object.assign(sheet, { width: cortex.width, height: cortex.height }); draw(); });
  drawMap(); draw();
  return { hatch(b64) { bits = b64 ? Uint8Array.from(atob(b64), letter => letter.charCodeAt(0)) : null; draw(); } };
}
