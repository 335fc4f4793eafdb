// The section "controls" of the Brain tab: the strip of eight films of the clip that is chosen.
import { h } from './dom.js';
import { mountStrip } from './frombrain.js';
import { clipField } from './numbers.js';

export function mountControls(element) {
  const clip = clipField('controls-clip'), strip = h('div');
  element.append(clip.element, clip.wrong, strip);
  mountStrip(strip);
}
