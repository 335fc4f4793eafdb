// The cortical flat map: 59,412 bytes, one per cortical grayordinate, drawn through look-up pictures; what lies under
// the pointer or the cross-hair is named. `mountFlatMap` fills an element and gives what shows a map in it.
import { areaOf, drawOutline, loadCortex, nextRegion, sideOf } from './cortex.js';
import { page } from './flatpage.js';
import { bytes, colourTable, drawBar, ticksOf, valueOf } from './palette.js';

const STEP = 1 / 150; // of the width of the pictures, of an arrow key with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const OUTLINE = [0, 229, 255, 255]; // of the area under the pointer: cyan is in no colour of the map
let mounted = 0;

/* base : URL prefix of the pictures. names : of the areas by number; glossary : a line on some, by name. palettes,
   window : as ui/flatmap.py gives them.

   Gives {picture, ready, show, say, on, follow, outline, pin}. show({b64 or values, note, label, ends, window, signed,
   own, unit}): the 59,412 bytes as base64 or as a Uint8Array; a value v in [0, 1] is written as a + (b - a) v with
   `ends` [a, b]; `own` are the ends in the numbers of the map itself, written beside it with their `unit`; of a
   `signed` map 0.5 stands for zero; `empty` says what is without a value, else "no voxel". on(listener): told of
   {action: 'hover' | 'go' | 'leave', point, region, pinned}; follow(that) does what another map did. */
export function mountFlatMap(element, { base, names, glossary = {}, palettes, window: usual }) {
  element.innerHTML = page(base, `fm-help-${mounted++}`);
  const find = name => element.querySelector(`.fm-${name}`);
  const picture = find('picture'), canvas = find('canvas'), outline = find('outline'), cross = find('cross'), tip = find('tip');
  const listeners = new Set();
  let cortex = null, shown = null, values = null, image = null, at = null, outlined = -1, pinned = false, key = '', table = null;

  const scale = () => { const [low, high] = (shown && shown.window) || usual; return { low, high, signed: Boolean(shown && shown.signed) }; };
  const between = ([from, to], value) => from + (to - from) * value;
  const written = (ends, value) => { const got = between(ends, value); return (ends[1] - ends[0] < 0.5 ? got.toPrecision(2) : got.toFixed(2)).replace('-', '\u2212'); };

  function read(byte) {
    if (!byte) return (shown && shown.empty) || 'no voxel';
    const { ends = [0, 1], own, unit = '' } = shown, value = valueOf(byte);
    return written(ends, value) + (own ? ` (${unit ? unit + ' ' : ''}${written(own, value)})` : '');
  }

  /* Colours and their bar, again only when the window or what it means is another. */
  function label() {
    const ends = (shown && shown.ends) || [0, 1], now = JSON.stringify([scale(), ends]);
    if (now === key) return;
    key = now;
    table = colourTable(palettes, scale());
    drawBar(find('bar'), table, scale());
    const { ticks, below } = ticksOf(scale(), ends);
    find('ticks').querySelectorAll('span').forEach((span, i) => { span.textContent = ticks[i]; });
    find('bar').setAttribute('aria-label', `Colour bar from ${ticks[0]} ${scale().signed ? '(blue)' : '(dark)'} to ${ticks[2]} ${scale().signed ? '(red)' : '(bright)'}`);
    find('below').textContent = [below, 'no voxel'].filter(Boolean).join(', or ');
  }

  function draw() {
    label();
    if (!cortex) return;
    values = shown ? shown.values || (shown.b64 ? bytes(shown.b64) : null) : null;
    const { covered, rows } = cortex, drawn = new Uint32Array(image.data.buffer);
    if (values) for (let i = 0; i < covered.length; i++) drawn[covered[i]] = table[values[rows[i]]];
    else drawn.fill(0);
    canvas.getContext('2d').putImageData(image, 0, 0);
    find('note').textContent = (shown && shown.note) || '';
    picture.setAttribute('aria-label', 'Cortical flat map' + (shown && shown.label ? ': ' + shown.label : ''));
    element.dataset.drawn = find('note').textContent;
    if (at) { showTip(at); if (!shown.moving) find('said').textContent = said(); }
  }

  /* The region and the byte under a pixel; null off the cortex. */
  function under({ x, y }) {
    const p = y * cortex.width + x, inside = x >= 0 && y >= 0 && x < cortex.width && y < cortex.height;
    if (!inside || cortex.region[p] < 0) return null;
    return { region: cortex.region[p], byte: values && cortex.row[p] >= 0 ? values[cortex.row[p]] : 0 };
  }
  const regionAt = point => { const found = under(point); return found ? found.region : -1; };

  function sentence(point) {
    const found = under(point);
    return found ? `${names[areaOf(found.region)] || 'no label'}, ${sideOf(found.region)}: ${read(found.byte)}` : '';
  }
  const about = point => glossary[names[areaOf(Math.max(0, regionAt(point)))]] || '';
  const said = () => sentence(at) + (pinned ? ', pinned' : '');

  /* A line around an area. */
  function mark(region) {
    if (region === outlined || !cortex) return;
    outlined = region;
    drawOutline(outline, cortex, region, OUTLINE);
  }

  const put = (node, { x, y }) => {
    Object.assign(node.style, { left: 100 * (x + 0.5) / cortex.width + '%', top: 100 * (y + 0.5) / cortex.height + '%' });
    node.hidden = false;
  };

  function showTip(point) {
    const text = sentence(point);
    if (!text) { tip.hidden = true; return; }
    [tip.firstChild.textContent, tip.lastChild.textContent] = [text, about(point)];
    tip.classList.toggle('fm-flip', point.x > 0.5 * cortex.width);
    tip.classList.toggle('fm-low', point.y < 0.4 * cortex.height);
    put(tip, point);
  }

  const acts = {
    hover(point) { mark(regionAt(point)); showTip(point); },
    /* Put the cross-hair on a point and say what lies there. */
    go(point, pin) {
      [at, pinned] = [point, pin];
      put(cross, point);
      cross.classList.toggle('fm-pinned', pin);
      acts.hover(point);
      find('said').textContent = said();
    },
    leave() {
      [at, pinned, cross.hidden, tip.hidden] = [null, false, true, true];
      find('said').textContent = '';
      mark(-1);
    },
  };

  function act(action, point, pin = pinned) {
    acts[action](point, pin);
    const told = { action, point, pin, pinned, region: point ? regionAt(point) : -1 };
    for (const listener of listeners) listener(told);
  }

  function pointOf(event) {
    const box = canvas.getBoundingClientRect();
    const along = (from, length, n) => Math.floor(from * n / length);
    return { x: along(event.clientX - box.left, box.width, cortex.width), y: along(event.clientY - box.top, box.height, cortex.height) };
  }

  picture.addEventListener('pointermove', event => {
    if (cortex && !pinned && event.pointerType !== 'touch') act('hover', pointOf(event));
  });
  picture.addEventListener('pointerleave', () => {
    if (!cortex || pinned) return;
    if (at) act('go', at); else act('leave');
  });
  picture.addEventListener('click', event => {
    if (!cortex) return;
    const point = pointOf(event);
    if (under(point)) act('go', point, true); else act('leave');
  });
  picture.addEventListener('keydown', event => {
    if (!cortex || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) move(arrow, event.shiftKey);
    else if (event.key === 'Escape' && at) act('leave');
    else if ((event.key === 'Enter' || event.key === ' ') && at) act('go', at, !pinned);
    else return;
    event.preventDefault();
  });

  function move([dx, dy], small) {
    if (!at) return act('go', strongest(), false);
    const by = Math.round(STEP * cortex.width), step = { x: at.x + by * dx, y: at.y + by * dy };
    const next = small ? step : nextRegion(cortex.places, at, [dx, dy], regionAt(at));
    if (next && under(next)) act('go', { x: next.x, y: next.y }, false);
  }

  /* Where the cross-hair starts: on the highest value, of a signed map the one farthest from zero. */
  function strongest() {
    const { covered, rows, width, region } = cortex, size = byte => shown.signed ? Math.abs(byte - 128) : byte;
    let best = cortex.places.values().next().value, most = 0;
    if (values) covered.forEach((p, i) => {
      const value = values[rows[i]];
      if (!value || region[p] < 0 || size(value) <= most) return;
      [most, best] = [size(value), { x: p % width, y: Math.floor(p / width) }];
    });
    return { x: best.x, y: best.y };
  }

  label();
  const ready = loadCortex(base).then(loaded => {
    cortex = loaded;
    for (const sheet of [canvas, outline]) Object.assign(sheet, { width: cortex.width, height: cortex.height });
    image = canvas.getContext('2d').createImageData(cortex.width, cortex.height);
    draw();
    return loaded;
  }).catch(() => { find('note').textContent = 'The pictures of the map could not be loaded: reload the page.'; });
  return {
    picture, ready, // a promise of the cortex of loadCortex
    show(value) { shown = value; draw(); },
    on(listener) { listeners.add(listener); return () => listeners.delete(listener); },
    follow({ action, point, pin }) { if (cortex) acts[action](point, pin); },
    outline(region) { mark(region < 0 && at ? regionAt(at) : region); },
    pin(region) { const place = cortex && cortex.places.get(region); if (place) act('go', { x: place.x, y: place.y }, true); },
  };
}
