// The elements of a flat map.
export const page = (base, id) => `
<div class="fm">
  <div class="fm-picture" role="application" tabindex="0" aria-label="Cortical flat map" aria-describedby="${id}">
    <img class="fm-under" src="${base}under.webp" alt="" draggable="false">
    <canvas class="fm-canvas"></canvas>
    <img class="fm-borders" src="${base}borders.webp" alt="" draggable="false">
    <canvas class="fm-outline"></canvas>
    <span class="fm-side fm-l" title="left hemisphere">L</span><span class="fm-side fm-r" title="right hemisphere">R</span>
    <span class="fm-cross" hidden></span><span class="fm-tip" aria-hidden="true" hidden><b></b><small></small></span>
  </div>
  <div class="fm-legend">
    <span class="fm-scale"><canvas class="fm-bar" width="1" height="1" role="img"></canvas><span
      class="fm-ticks"><span></span><span></span><span></span></span></span>
    <span class="fm-key"><i class="fm-none"></i><span class="fm-below"></span></span>
  </div>
  <p class="fm-note"></p>
  <p class="fm-said" role="status"></p>
  <p class="fm-help" id="${id}">Arrow keys go from area to area, with Shift in small steps. Enter or a click pins,
    Escape lets go.</p>
</div>`;
