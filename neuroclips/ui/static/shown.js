// What the page shows of a choice: one account of everything, so that no part of it can be of another choice.
// cells: {name: [what the player shows, what is said beside it, kind of saying]}; said: the line below the films.
import * as data from './data.js';
import { h } from './dom.js';
import { lesioned, silenced, typed } from './store.js';
import { ended } from './runs.js';

const STEPS = { blurry: 'blurry video', keyframe: 'keyframe', caption: 'caption', video: 'video' };
const LABELS = { blurry: 'Blurry video', keyframe: 'Keyframe', video: 'Decoded film' };
const wait = text => ({ kind: 'wait', text });
const words = (text, own = false) => ({ kind: 'text', text, typed: own });

const said = s => typed(s) ? 'typed by you, not decoded' : s.beta && s.gamma ? '' : 'generic words';
const unused = s => ({ blurry: s.alpha ? '' : 'not used', keyframe: s.beta ? '' : 'off', caption: said(s), video: '' });
const mark = s => Object.entries(data.catalogue.subjects[s.subject].marks).find(([, clip]) => clip === s.clip)?.[0];
const place = s => `Clip ${s.clip}, subject ${s.subject}: `;

function media(name, src, s) {
  const over = name !== 'video' ? '' : !s.alpha && !s.beta ? 'no brain signal in this film' : typed(s) ? 'words typed by you, not decoded' : silenced(s);
  return { kind: name === 'keyframe' ? 'image' : 'video', src, label: LABELS[name], ...(over && { over }) };
}

export function truth(s) {
  const poster = data.url(`/thumbnails/${String(s.clip).padStart(3, '0')}.webp`);
  return [{ kind: 'video', src: data.truth(s.clip), label: 'True film', poster }, 'simulated'];
}

// A stored film and all that was stored with it.
export function ofStored(found, s) {
  const off = unused(s), beside = name => off[name] === 'off' ? 'off' : ['precomputed', off[name]].filter(Boolean).join(', ');
  const cells = Object.fromEntries(Object.keys(LABELS).map(name => [name, [found[name] ? media(name, found[name], s) : wait('off'), beside(name)]]));
  cells.caption = [words(found.row.caption), off.caption || 'precomputed'];
  const about = data.catalogue.clips[s.clip], best = mark(s);
  return {
    cells, scores: found.row.scores, note: 'precomputed,', p: found.kind === data.catalogue.table_2.full ? data.table(s.subject).p?.[s.clip] : undefined,
    stages: Object.fromEntries(Object.entries(found.row.seconds || {}).map(([step, seconds]) => [step, { seconds }])),
    files: { name: `neuroclips-subject${s.subject}-clip${s.clip}-${found.kind}`, MP4: found.video, PNG: found.keyframe && found.file('png'), JSON: found.file('json'), ZIP: found.file('zip') },
    said: [place(s), h('b', {}, 'precomputed'), ` with seed ${found.row.seed}. Shown: ${about.caption}${about.cut ? ', with a cut' : ''}.`,
      best ? ` This subject’s ${best} clip, chosen by score (${data.catalogue.ranked_by}).` : ''],
  };
}

// A choice that nothing was stored of; `known` is whether that is known yet.
export function ofNothing(known, s) {
  const off = unused(s), text = known ? 'press Reconstruct' : '';
  return {
    cells: Object.fromEntries(Object.keys(STEPS).map(name => [name, [name === 'caption' && typed(s) ? words(s.prompt, true) : wait(text), off[name]]])),
    scores: null, stages: {}, note: '', files: { name: '' },
    said: [place(s), known ? 'not precomputed with this choice; press Reconstruct.' : 'loading.'],
  };
}

// A live run, as far as it is.
export function ofRun(run, s) {
  const done = run.state === 'done', off = unused(s), home = data.here(`/_nc/runs/${run.key}/`);
  const cells = Object.fromEntries(Object.keys(LABELS).map(name => [name, name === 'keyframe' && !s.beta ? [wait('off'), 'off'] : cellOf(run, name, off[name], s)]));
  cells.caption = typed(s) ? [words(s.prompt, true), off.caption] : captionOf(run, off.caption);
  return {
    cells, scores: run.scores || null, stages: run.stages, note: !done ? '' : run.kept ? 'computed before,' : 'computed now,', said: [place(s), ...progress(run, s), '.'],
    files: done ? { name: `neuroclips-subject${s.subject}-clip${s.clip}-seed${s.seed}${typed(s) ? '-words' : ''}${lesioned(s) ? '-lesion' : ''}`, MP4: home + 'video.mp4', PNG: s.beta && home + 'keyframe.png', JSON: home + 'reconstruction.json', ZIP: home + 'all.zip' } : { name: '' },
  };
}

function cellOf(run, name, off, s) {
  const step = STEPS[name], file = run.files[step], stage = run.stages[step], preview = !ended(run) && run.previews[step];
  if (file) return [media(name, data.here(file), s), [made(run, stage), off].filter(Boolean).join(', '), 'live'];
  if (preview) return [{ kind: 'image', src: preview, label: `${LABELS[name]} so far`, over: 'so far' }, `step ${Math.round(100 * stage.fraction)} %`, 'busy'];
  return [wait(ended(run) ? 'press Reconstruct' : 'waiting'), '', ended(run) ? '' : 'busy'];
}

function captionOf(run, off) {
  if (!run.caption) return [wait(ended(run) ? 'press Reconstruct' : 'waiting'), off];
  return [words(run.caption), off || (run.stages.caption ? made(run, run.stages.caption) : ''), 'live'];
}

const made = (run, stage) => run.kept ? 'computed before' : stage.recalled ? 'kept from before' : `computed now, ${stage.seconds.toFixed(2)} s`;

function progress(run, s) {
  const how = ` with seed ${s.seed}${typed(s) ? ', with words typed by you' : ''}${lesioned(s) ? `, with ${silenced(s)} (${s.silence})` : ''}${s.weights ? ', by reconstructors that were trained in this app' : ''}`;
  switch (run.state) {
    case 'waiting': return [`waiting, ${run.position} before you, about ${run.expected} s`];
    case 'running': return [h('b', {}, 'computing now'), how];
    case 'done': return [h('b', {}, run.kept ? 'computed before' : 'computed now'), run.kept ? `, for an equal request${how}` : how];
    case 'failed': return [h('b', { class: 'nc-bad' }, 'failed'), `: ${run.message || ''}`];
    case 'cancelled': return ['cancelled; press Reconstruct'];
    default: return ['asking the server'];
  }
}
