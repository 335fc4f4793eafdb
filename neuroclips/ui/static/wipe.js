// Two films over each other, cut by a line that one can move.
import { h } from './dom.js';

export function mountWipe(element, player) {
  const frame = h('div', { class: 'nc-wipe' }), edge = h('span', { class: 'nc-edge', 'aria-hidden': 'true' });
  const slider = h('input', { type: 'range', min: 0, max: 100, value: 50, class: 'nc-scrub', 'aria-label': 'Where film A ends and film B begins' });
  const under = player.cell('wipe-b'), over = player.cell('wipe-a');
  const names = [h('b', { class: 'nc-a' }), h('b', { class: 'nc-b' })];
  const cut = () => { over.style.clipPath = `inset(0 ${100 - slider.value}% 0 0)`; edge.style.left = slider.value + '%'; };
  slider.addEventListener('input', cut);
  frame.addEventListener('pointermove', event => {
    if (!event.buttons && event.pointerType === 'mouse') return;
    const box = frame.getBoundingClientRect();
    slider.value = 100 * (event.clientX - box.left) / box.width; cut();
  });
  frame.append(under, over, edge, ...names);
  element.append(frame, slider);
  cut();
  return (a, b) => { // {item, title} each
    player.show('wipe-a', a.item); player.show('wipe-b', b.item);
    names[0].textContent = 'A: ' + a.title; names[1].textContent = 'B: ' + b.title;
  };
}
