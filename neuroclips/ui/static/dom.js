// Small helpers to build elements.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name in element && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat().filter(Boolean));
  return element;
}

const ICONS = { pause: 'M2 1h3.5v12H2zM8.5 1H12v12H8.5z', play: 'M2 1l11 6-11 6z' };
export const icon = name => svg('svg', { width: 14, height: 14, viewBox: '0 0 14 14', 'aria-hidden': 'true' },
  svg('path', { fill: 'currentColor', d: ICONS[name] }));

// One of a few choices, as radio buttons that look like one switch; arrows move within it.
export function segments(label, options, onchange) {
  const name = 's' + Math.random().toString(36).slice(2);
  const inputs = options.map(([value, text]) => h('input', { type: 'radio', name, value: String(value),
    onchange: () => onchange(value) }));
  const element = h('fieldset', { class: 'nc-segments', 'aria-label': label },
    options.map(([, text], i) => h('label', {}, inputs[i], h('span', {}, text))));
  const set = value => inputs.forEach((input, i) => { input.checked = options[i][0] === value; });
  return { element, set };
}

export const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
