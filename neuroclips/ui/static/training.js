// The training run of this machine: fetched while it is looked at, drawn where it changed.
const LAYOUT = `<section class="tr-run" aria-label="The training run of this machine">
  <header><div class="tr-state"></div><div class="tr-left"></div>
  <p class="tr-line" role="status"></p><p class="tr-owner"></p></header>
  <ol class="tr-phases" hidden></ol><div class="tr-use"></div><div class="tr-curves"></div><p class="tr-sources"></p>
  <div class="tr-samples"></div><details class="tr-command" hidden></details>
</section>`;
let element, root = "";
const find = (name) => element.querySelector(`.tr-${name}`);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const drawn = {};

function owner() {
  try { return localStorage.getItem("nc-owner") || ""; } catch { return window.ncOwner || ""; }
}

function put(name, html) {  // leaves the page alone where nothing changed: films go on
  if (drawn[name] === html) return;
  drawn[name] = html;
  find(name).innerHTML = html;
}

function escaped(text) {
  const box = document.createElement("i");
  box.textContent = text;
  return box.innerHTML.replaceAll('"', "&quot;");
}

function time(seconds) {
  if (seconds < 1) return "";
  if (seconds < 90) return `${Math.ceil(seconds / 5) * 5} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const WORDS = { none: "Idle", preparing: "Preparing", training: "Training", done: "Done", stopped: "Stopped", failed: "Failed" };

function head(state, running) {
  put("state", `<b class="tr-chip tr-${state.state}">${WORDS[state.state]}</b> ${escaped(state.title || "")}`);
  put("line", escaped(state.line));
  put("left", running ? `about ${time(Math.max(1, state.eta))} left` : "");
  put("owner", !running ? "" : state.mine ? "You started this run: it goes on when you close or reload the page."
    : "Another visitor started this run, who alone may stop it. One run at a time on this machine.");
}

function phases(list) {
  find("phases").hidden = !list.length;
  const titles = list.map((phase) => phase.title).join("|");
  if (drawn.titles !== titles) {
    drawn.titles = titles;
    find("phases").innerHTML = list.map((phase) => `<li><span>${escaped(phase.title)}</span><small></small>`
      + `<progress max="1" aria-label="${escaped(phase.title)}"></progress></li>`).join("");
  }
  list.forEach((phase, i) => {
    const item = find("phases").children[i];
    item.className = `tr-${phase.state}`;
    item.querySelector("progress").value = phase.share;
    const left = phase.state === "kept" ? "kept from before" : phase.state === "done" ? "done" : time(phase.seconds);
    item.querySelector("small").textContent = [phase.note, left].filter(Boolean).join(" · ");
  });
}

function film(src, label) {
  return `<figure><video src="${escaped(root + src)}" aria-label="${escaped(label)}" muted loop playsinline `
    + `${calm ? "controls" : "autoplay"}></video><figcaption>${escaped(label)}</figcaption></figure>`;
}

function picture(src, label, right) {
  return `<figure class="${right ? "tr-right" : ""}"><img src="${escaped(root + src)}" alt="${escaped(label)}">`
    + `<figcaption>${escaped(label)}</figcaption></figure>`;
}

function rank(shown, sample) {
  const nearest = sample.nearest.map((src, i) => picture(src, `nearest ${i + 1}`, sample["nearest clips"][i] === sample.clip));
  return `<div class="tr-sample">${picture(sample.truth, "seen", false)}<p><b>rank ${sample.rank}</b> of ${shown.n}</p>`
    + `${nearest.join("")}</div>`;
}

function samples(shown) {
  if (!shown || !shown.samples) return put("samples", "");
  const list = shown.samples.map((sample) => shown.kind === "films"
    ? `<div class="tr-sample">${film(sample.truth, "seen")}${film(sample.film, `decoded, step ${shown.step}`)}</div>`
    : rank(shown, sample)).join("");
  const about = shown.kind === "films" ? "Blurry videos, decoded as the model is now, beside what was seen"
    : `Which of ${shown.n} clips was seen? Ranked as the model is now; chance is rank ${Math.round((shown.n + 1) / 2)}`;
  put("samples", `<h4>${about} <small>step ${shown.step}; validation films, never test clips</small></h4>`
    + `<div class="tr-list tr-${shown.kind}">${list}</div>`);
}

function curves(state) {
  const part = (title, svg) => svg ? `<figure><h4>${escaped(title)}</h4>${svg}</figure>` : "";
  put("curves", part("Loss", state.loss) + part(state["score name"] || "", state.score));
  put("sources", state.score ? escaped(state.sources || "") : "");
}

function ends(state) {
  const name = escaped(state.weights || "");
  put("use", name ? `<button type="button" data-weights="${name}">Use these weights in Explore</button>` : "");
  put("command", state.command ? `<summary>The command that this is</summary><code>${escaped(state.command)}</code>` : "");
  find("command").hidden = !state.command;
}

function buttons(state, running) {
  const show = { "train-start": !running, "train-stop": running && state.mine,
    "train-resume": state.mine && ["stopped", "failed"].includes(state.state) };
  for (const [id, shown] of Object.entries(show)) {
    const button = document.getElementById(id);
    if (button) button.style.display = shown ? "" : "none";
  }
}

let busy = false, idle = 0, waited = 0;

async function look() {
  if (busy) return;
  busy = true;
  try {
    const answer = await fetch(`${root}/_nc/training/state.json`, { headers: { "x-nc-owner": owner() }, cache: "no-store" });
    const state = await answer.json(), running = ["preparing", "training"].includes(state.state);
    head(state, running);
    phases(state.phases || []);
    curves(state);
    samples(state.samples);
    ends(state);
    buttons(state, running);
    idle = running ? 0 : 4;
  } catch { put("line", "The server does not answer; trying again."); } finally { busy = false; }
}

function together() {  // films beside each other show the same moment
  for (const pair of element.querySelectorAll(".tr-sample")) {
    const [first, second] = pair.querySelectorAll("video");
    if (second && Math.abs(first.currentTime - second.currentTime) > 0.1) second.currentTime = first.currentTime;
  }
}

function tick() {
  if (document.visibilityState !== "visible" || !element.offsetParent) { waited = idle; return; }
  together();
  if (waited++ < idle) return;
  waited = 0;
  look();
}

export function mount(home, about) {
  element = home;
  root = about.root;
  home.innerHTML = LAYOUT;
  home.addEventListener("click", (event) => {
    const name = event.target.dataset && event.target.dataset.weights;
    if (name) window.dispatchEvent(new CustomEvent("nc:weights", { detail: name }));
  });
  window.addEventListener("nc:training", look);
  setInterval(tick, 1000);
  look();
}
