// The Explore tab's elements, without any of their contents.
import { catalogue } from './data.js';
import { h } from './dom.js';

const figure = (player, name, title, className) => {
  const cell = player.cell(name, className);
  cell.append(h('figcaption', {}, h('b', {}, title), h('span', { class: 'nc-badge', 'data-badge': name })));
  return cell;
};

export function layout(element, player) {
  const names = ['side', 'switches', 'map', 'dials', 'share', 'numbers', 'timeline', 'gallery', 'seed'];
  const at = Object.fromEntries(names.map(name => [name, h('div', { class: `nc-${name}` })]));
  at.go = h('button', { type: 'button', class: 'nc-go', id: 'go' }, 'Reconstruct');
  at.ask = h('button', { type: 'button', class: 'nc-ask', id: 'is-brain', 'aria-expanded': 'false', 'aria-controls': 'from-brain', title: 'Decode this clip from eight brains or none: live, with the same seed and settings' }, 'Is it from the brain?');
  at.strip = h('section', { class: 'nc-from-brain', id: 'from-brain', tabIndex: -1, hidden: true, 'aria-label': 'Is it from the brain?' });
  at.stop = h('button', { type: 'button', class: 'nc-stop', id: 'cancel', disabled: true }, 'Cancel');
  at.status = h('p', { class: 'nc-status', id: 'status', role: 'status' });
  at.flat = h('div', { id: 'flat' });
  at.scores = h('div', { class: 'nc-dial-grid', id: 'scores' });
  at.map.append(at.which = h('div', { class: 'nc-row' }, h('h3', {}, 'On the cortex')), at.flat);
  at.dials.append(h('h3', {}, 'Scores of this film ', h('small', {}, 'demo judges')), at.scores);
  const films = h('div', { class: 'nc-films', id: 'player' }, figure(player, 'truth', 'What was shown', 'large'), figure(player, 'video', 'Decoded from fMRI', 'large'));
  const stages = h('div', { class: 'nc-stages' }, figure(player, 'blurry', 'Blurry video α'), figure(player, 'keyframe', 'Keyframe β'), figure(player, 'caption', 'Caption γ'));
  at.titles = Object.fromEntries([[films, 'video'], [stages, 'caption']].map(([where, name]) => [name, where.querySelector(`[data-cell=${name}] figcaption b`)]));
  element.classList.add('nc');
  element.replaceChildren(h('div', { class: 'nc-explore' },
    h('section', { class: 'nc-main', 'aria-label': 'Films' }, h('div', { class: 'nc-control' }, at.switches, h('div', { class: 'nc-buttons' }, at.go, at.stop, at.ask)), films, player.bar, at.status, stages, at.timeline),
    h('section', { class: 'nc-right', 'aria-label': 'Brain and scores' }, at.map, at.dials, at.share),
    h('section', { class: 'nc-left', 'aria-label': 'Subject and clip' }, at.side, at.gallery)),
  at.strip,
  h('details', { class: 'nc-more' }, h('summary', {}, 'Seed, models and numbers'), at.seed, at.numbers));
  return at;
}

// Buttons that go to the clips that are marked, and to any other.
export function markButtons(go, any) {
  const marks = ['best', 'median', 'worst'].map(name => h('button', { type: 'button', id: name, title: `This subject's ${name} clip by ${catalogue.ranked_by}`, onclick: () => go(name) }, name));
  return [h('div', { class: 'nc-row nc-marks' }, marks), h('div', { class: 'nc-row nc-marks' }, h('button', { type: 'button', id: 'surprise', onclick: any }, 'surprise me'))];
}
