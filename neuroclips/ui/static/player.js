// One bar drives every video of the player: play, scrub, speed. Followers are pulled to the leader when they drift.
const root = (window.gradio_config && window.gradio_config.root) || '';
const grid = element.querySelector('.sp-grid'), play = element.querySelector('.sp-play'),
      scrub = element.querySelector('.sp-scrub'), out = element.querySelector('.sp-time'), rate = element.querySelector('.sp-rate');
const DRIFT = 0.08; // [s]
let videos = [], cells = [], playing = true;
const icon = { pause: 'M2 1h3.5v12H2zM8.5 1H12v12H8.5z', play: 'M2 1l11 6-11 6z' };
const leader = () => videos[0];

function media(item) {
  if (item.kind === 'text' && item.text) {
    const quote = document.createElement('blockquote'); quote.className = 'sp-text'; quote.textContent = item.text; return quote;
  }
  if (!item.src) {
    const wait = document.createElement('div'); wait.className = 'sp-wait'; wait.textContent = item.wait || ''; return wait;
  }
  if (item.kind === 'image') {
    const image = document.createElement('img'); image.src = root + item.src; image.alt = item.label; return image;
  }
  const video = document.createElement('video');
  Object.assign(video, { src: root + item.src, muted: true, loop: true, playsInline: true, preload: 'auto' });
  video.setAttribute('aria-label', item.label);
  video.addEventListener('loadeddata', () => {
    const other = videos.find(v => v !== video && v.readyState > 1);
    if (other) video.currentTime = Math.min(other.currentTime, video.duration);
    if (playing) video.play().catch(() => {});
  });
  return video;
}

function cell(item) {
  const caption = document.createElement('figcaption'), name = document.createElement('span'), note = document.createElement('span');
  name.textContent = item.label; note.textContent = item.note || '';
  caption.append(name, note);
  return [media(item), caption];
}

function draw() {
  const items = (props.value && props.value.items) || [];
  items.forEach((item, i) => {
    if (!cells[i]) { cells[i] = document.createElement('figure'); cells[i].className = 'sp-cell'; grid.appendChild(cells[i]); }
    const key = JSON.stringify(item);
    if (cells[i].dataset.key === key) return; // a playing video is kept while nothing about it changes
    cells[i].dataset.key = key; cells[i].replaceChildren(...cell(item));
  });
  while (cells.length > items.length) cells.pop().remove();
  videos = [...grid.querySelectorAll('video')];
  videos.forEach(v => { v.playbackRate = +rate.value; });
}

function setPlaying(on) {
  playing = on;
  play.innerHTML = `<svg width="14" height="14" viewBox="0 0 14 14"><path fill="currentColor" d="${on ? icon.pause : icon.play}"/></svg>`;
  play.setAttribute('aria-label', on ? 'Pause' : 'Play');
  videos.forEach(v => on ? v.play().catch(() => {}) : v.pause());
}

play.addEventListener('click', () => setPlaying(!playing));
rate.addEventListener('change', () => videos.forEach(v => { v.playbackRate = +rate.value; }));
scrub.addEventListener('input', () => {
  setPlaying(false);
  if (!leader() || !leader().duration) return;
  const t = leader().duration * scrub.value / 1000;
  videos.forEach(v => { v.currentTime = Math.min(t, (v.duration || t) - 1e-3); });
  out.textContent = t.toFixed(2) + ' s';
});

(function tick() {
  const lead = leader();
  if (lead && lead.duration && playing) {
    for (const v of videos) {
      const gap = Math.abs(v.currentTime - lead.currentTime);
      if (v !== lead && Math.min(gap, lead.duration - gap) > DRIFT && v.readyState > 1 && !v.seeking) v.currentTime = lead.currentTime;
    }
    scrub.value = 1000 * lead.currentTime / lead.duration;
    out.textContent = lead.currentTime.toFixed(2) + ' s';
  }
  if (element.isConnected) requestAnimationFrame(tick);
})();
draw(); setPlaying(true);
watch('value', draw);
