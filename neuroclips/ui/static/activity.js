// The section "activity" of the Brain tab: the films of a clip, and what the brain did meanwhile.
import * as data from './data.js';
import { h } from './dom.js';
import { mountFlatMap } from './flatmap.js';
import { moveWith } from './moving.js';
import { clipField } from './numbers.js';
import { Player } from './player.js';
import { filmOf } from './samples.js';
import { set, state, subscribe } from './store.js';
import { mountTraces } from './traces.js';

export function mountActivity(element) {
  const player = new Player(), traces = mountTraces(), clip = clipField('brain-clip'), flat = h('div', {});
  const map = mountFlatMap(flat, { base: data.url('/brain/'), ...data.catalogue.map }), move = moveWith(player, map, () => true);
  const onward = h('input', { type: 'checkbox' }), said = h('p', { class: 'nc-note', role: 'status' });
  const film = (name, title) => { const cell = player.cell(name); cell.append(h('figcaption', {}, h('b', {}, title))); return cell; };
  element.append(h('div', { class: 'nc-activity' },
    h('div', { class: 'nc-activity-films' }, h('div', { class: 'nc-films' }, film('shown', 'What was shown'), film('decoded', 'Decoded from fMRI')), player.bar,
      clip.element, clip.wrong, h('label', { class: 'nc-check' }, onward, 'go on through the film'), said),
    h('div', { class: 'nc-activity-map' }, flat)), traces.element);

  function draw() {
    const { subject, clip: now } = state, { video } = data.paths(subject, now, 'abg');
    player.show('shown', { kind: 'video', src: data.truth(now), label: 'True film' });
    player.show('decoded', { kind: 'video', src: video, label: 'Decoded film, precomputed' });
    said.textContent = `Subject ${subject}, clip ${now}: precomputed film, simulated fMRI.`;
    move(subject, now);
    traces.draw(subject, now).then(() => player.wake(), error => { said.textContent = `No traces are shown: ${error.message}`; });
  }

  let before = 0;
  player.follow(traces.element, time => {
    if (time === null) return;
    traces.cursor(Math.min(2, time));
    if (onward.checked && player.playing && time < before - 1 && data.catalogue.clips[state.clip + 1] && filmOf(state.clip + 1) === filmOf(state.clip)) set({ clip: state.clip + 1 }, { push: false });
    before = time;
  });
  subscribe((_, changed) => { if (changed.has('subject') || changed.has('clip')) draw(); });
  draw();
}
