// Take away what is shown: a link, its files, the command that makes it.
import { url } from './data.js';
import { h } from './dom.js';
import { query } from './runs.js';
import { address, subscribe } from './store.js';

// The page of a Space is a frame in another page, whose address people share.
const place = () => document.referrer.startsWith('https://huggingface.co/spaces/') ? document.referrer.split('?')[0] + '?' + address().split('?')[1] : location.origin + address();

export function mountShare(element) {
  const copied = h('span', { class: 'nc-note', role: 'status' });
  const copy = async (text, what) => {
    const box = h('textarea', { value: text, class: 'nc-out' });
    try { await navigator.clipboard.writeText(text); } catch { document.body.append(box); box.select(); document.execCommand('copy'); box.remove(); }
    copied.textContent = what + ' copied'; setTimeout(() => { copied.textContent = ''; }, 2500);
  };
  const link = h('button', { type: 'button', id: 'copy-link', onclick: () => copy(place(), 'Link') }, 'Copy link');
  const files = ['MP4', 'PNG', 'JSON', 'ZIP'].map(kind => h('a', { class: 'nc-file', 'data-kind': kind }, kind));
  const line = h('code', { id: 'command' });
  const command = h('details', { class: 'nc-command' }, h('summary', {}, 'Command line'), line, h('button', { type: 'button', onclick: () => copy(line.textContent, 'Command') }, 'Copy'));
  element.append(h('div', { class: 'nc-share' }, link, h('span', {}, 'Download'), ...files, copied), command);
  let asked = '';
  async function say() {
    if (!command.open) return;
    const now = asked = query().toString(), answer = await fetch(url('/command?' + now)), text = await answer.text();
    if (now === asked) line.textContent = text;
  }
  command.addEventListener('toggle', say);
  subscribe(say);
  return shown => { // addresses of MP4, PNG, JSON, ZIP, where there are any
    for (const file of files) {
      const to = shown[file.dataset.kind];
      if (to) { file.href = to; file.download = shown.name + '.' + file.dataset.kind.toLowerCase(); file.removeAttribute('aria-disabled'); }
      else { file.removeAttribute('href'); file.setAttribute('aria-disabled', 'true'); }
    }
  };
}
