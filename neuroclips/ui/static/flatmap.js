// Draws 59,412 bytes, one per cortical grayordinate, through look-up pictures that were rasterised once.
const root = (window.gradio_config && window.gradio_config.root) || '';
const canvas = element.querySelector('.fm-canvas'), context = canvas.getContext('2d'), tip = element.querySelector('.fm-tip'),
      note = element.querySelector('.fm-note'), bar = element.querySelector('.fm-bar');
const W = canvas.width, H = canvas.height;
const bytes = b64 => Uint8Array.from(atob(b64), c => c.charCodeAt(0));
const lut = bytes(props.lut);
bar.style.background = 'linear-gradient(90deg,' + [0, 64, 128, 192, 255].map(i => `rgb(${lut[3*i]},${lut[3*i+1]},${lut[3*i+2]})`) + ')';
const load = path => new Promise((resolve, reject) => {
  const image = new Image();
  image.onload = () => {
    const sheet = document.createElement('canvas'); sheet.width = W; sheet.height = H;
    const x = sheet.getContext('2d', { willReadFrequently: true }); x.drawImage(image, 0, 0); resolve(x.getImageData(0, 0, W, H).data);
  };
  image.onerror = reject; image.src = root + path;
});
let index, area, under, borders, values = null;
const number = (data, q) => data[q] | data[q + 1] << 8 | data[q + 2] << 16;

function draw() {
  if (!index) return;
  values = props.value && props.value.b64 ? bytes(props.value.b64) : null;
  const image = context.createImageData(W, H), d = image.data;
  for (let q = 0; q < 4 * W * H; q += 4) {
    if (!index[q + 3]) continue;
    const row = number(index, q), v = values && row ? values[row - 1] : 0, e = borders[q + 3] / 255;
    for (let c = 0; c < 3; c++) d[q + c] = (v ? lut[3 * v + c] : under[q]) * (1 - e) + 20 * e;
    d[q + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  note.textContent = (props.value && props.value.note) || '';
  element.dataset.drawn = props.value ? props.value.note : '';
}

canvas.addEventListener('mousemove', event => {
  if (!area) return;
  const box = canvas.getBoundingClientRect();
  const x = Math.floor((event.clientX - box.left) * W / box.width), y = Math.floor((event.clientY - box.top) * H / box.height), q = 4 * (y * W + x);
  if (!area[q + 3]) { tip.hidden = true; return; }
  const row = number(index, q), v = values && row ? values[row - 1] : 0;
  tip.textContent = (props.names[number(area, q)] || 'no label') + '  ' + (v ? ((v - 1) / 254).toFixed(2) : 'no voxel');
  tip.style.left = (event.clientX - box.left) + 'px'; tip.style.top = (event.clientY - box.top) + 'px'; tip.hidden = false;
});
canvas.addEventListener('mouseleave', () => { tip.hidden = true; });
Promise.all([props.index_url, props.area_url, props.under_url, props.borders_url].map(load)).then(sheets => { [index, area, under, borders] = sheets; draw(); });
watch('value', draw);
