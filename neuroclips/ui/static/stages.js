// How far each step of a run is, and how long it took.
import { h } from './dom.js';

const STEPS = ['blurry video', 'brain tokens', 'image tokens', 'keyframe', 'caption', 'video'];

export function mountStages(element) {
  const rows = STEPS.map(name => {
    const bar = h('progress', { max: 1, value: 0, 'aria-label': name }), text = h('span', {}, '');
    return [name, bar, text, h('li', {}, h('b', {}, name), text, bar)];
  });
  const total = h('small', { class: 'nc-total' });
  element.append(h('ol', { class: 'nc-steps' }, rows.map(r => r[3])), total);
  return (stages, note = '') => {
    let sum = 0;
    for (const [name, bar, text, row] of rows) {
      const stage = stages[name], done = stage && stage.fraction === undefined;
      bar.value = done ? 1 : stage?.fraction || 0;
      text.textContent = !stage ? '' : !done ? Math.round(100 * stage.fraction) + ' %' : stage.recalled ? 'kept' : stage.seconds.toFixed(2) + ' s';
      row.classList.toggle('on', Boolean(stage));
      sum += done && !stage.recalled ? stage.seconds : 0;
    }
    total.textContent = note && Object.keys(stages).length ? `${note} ${sum.toFixed(1)} s in all` : note;
  };
}
