"""The Decode tab: choose a subject and a clip, watch every stage, switch guidances, reconstruct live."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import gradio as gr

from neuroclips.brain.weights_map import mean_weight, to_cortex
from neuroclips.data.registry import load_dataset
from neuroclips.media import write_video
from neuroclips.metrics.scores import read as read_scores
from neuroclips.paths import cache_dir
from neuroclips.types import Guidance, Request, Result, Stage, Step
from neuroclips.ui import panels, session, stored
from neuroclips.ui.choices import choices, chosen
from neuroclips.ui.flatmap import FlatMap, pack
from neuroclips.ui.inputs import EXACT, as_sent, one_of, subject_of, told, whole
from neuroclips.ui.player import SyncPlayer, item
from neuroclips.zoo import load_part, zoo_named

ZOO = zoo_named()
RECONSTRUCTORS = {"Perception Reconstructor": "perception", "Semantics Reconstructor": "semantic"}
WAIT = "press Reconstruct"
FIRST = 1  # the subject of the first screen, which opens on its best clip


def shown_folder() -> Path:
    """Where files for the players of this machine are kept."""
    return cache_dir("shown")


def ground_truth(clip: int) -> Path:
    """The true film of a clip, rendered when it is first shown."""
    path = shown_folder() / f"ground_truth_{clip:03d}.mp4"
    if not path.exists():
        truth = load_dataset().stimulus(clip, ZOO.settings.n_video_frames)
        write_video(path, truth, ZOO.settings.fps)
    return path


@told()
def weight_map(subject: int, name: str) -> dict:
    """The flat map's value: voxel weights of one reconstructor of a subject."""
    subject = subject_of(load_dataset().info, subject)
    return _weight_map(subject, one_of("reconstructor", name, RECONSTRUCTORS))


@lru_cache(maxsize=8)
def _weight_map(subject: int, name: str) -> dict:
    index = load_dataset().vertex_index(subject)
    model = load_part(ZOO, RECONSTRUCTORS[name], "cpu", subject=subject)
    values = to_cortex(mean_weight(model.voxel_weights.numpy()), index)
    return pack(values, f"{name}, subject {subject}: mean |ridge weight| of {len(index):,} voxels, scaled to 0..1")


def cells(
    clip: int, files: dict[Step, Path], caption: str = "", notes: dict[Step, str] | None = None, wait: str = WAIT
):
    """The player's value: ground truth and what there is of each stage."""
    notes = notes or {}

    def stage(label: str, step: Step, kind: str = "video") -> dict:
        return item(label, kind, files.get(step), note=notes.get(step, ""), wait=notes.get(step) or wait)

    return {
        "items": [
            item("Ground truth", path=ground_truth(clip), note="simulated"),
            stage("Blurry video (α)", Step.BLURRY_VIDEO),
            stage("Keyframe (β)", Step.KEYFRAME, "image"),
            item("Caption (γ)", "text", text=caption, note=notes.get(Step.CAPTION, ""), wait=wait),
            stage("Final video", Step.VIDEO),
        ]
    }


def _known(subject: object, clip: object) -> tuple[int, int]:
    """Subject and clip as they were sent. Raises InputError unless there are such."""
    info = load_dataset().info
    return subject_of(info, subject), whole("clip", clip, 0, info.n_clips - 1)


@told()
def show(subject: int, clip: float, alpha: bool = True, beta: bool = True, gamma: bool = True) -> tuple:
    """Precomputed results of a clip, at once, or empty cells; player, timeline, scores, status."""
    subject, clip = _known(subject, clip)
    guidance = Guidance(alpha, beta, gamma).used
    found, why = stored.summary(subject, clip, guidance)
    if not found:
        live = cells(clip, {}, stored.caption(guidance), stored.unused(guidance))
        return live, panels.timeline({}), "", f"Clip {clip}, subject {subject}: {why}, {WAIT}."
    files, notes = stored.files(subject, clip, guidance), stored.notes(guidance)
    times = panels.timeline(found["seconds"], note="precomputed,")
    label = stored.label(subject, clip, guidance, found["seed"])
    return cells(clip, files, found["caption"], notes), times, panels.score_table(read_scores(found["scores"])), label


@dataclass
class _Live:
    """What a running reconstruction has shown so far."""

    clip: int
    alpha: bool
    folder: Path
    files: dict[Step, Path]
    notes: dict[Step, str]
    done: dict[Step, float]
    caption: str = ""

    def take(self, stage: Stage) -> None:
        """Keep the result of a finished step."""
        self.done[stage.step] = stage.seconds
        unused = stage.step == Step.BLURRY_VIDEO and not self.alpha
        made = "kept from before" if stage.recalled else f"computed now, {stage.seconds:.2f} s"
        self.notes[stage.step] = made + (", not used" if unused else "")
        if stage.step == Step.CAPTION:
            self.caption = str(stage.results and stage.results[0])
        elif path := session.save_stage(stage, self.folder, ZOO.settings.fps):
            self.files[stage.step] = path

    def player(self, wait: str = "waiting") -> dict:
        return cells(self.clip, self.files, self.caption, self.notes, wait)


def decode(
    subject: int, clip: float, alpha: bool, beta: bool, gamma: bool, seed: float, *values: object
) -> Iterator[tuple]:
    """Reconstruct a clip live; yields player, timeline, scores and status after every step of every stage.

    values : of `choices`, in their order. What makes no sense is refused before anything is shown.
    """
    with told():
        subject, clip = _known(subject, clip)
        guidance, seed = Guidance(alpha, beta, gamma).used, whole("seed", seed, 0, EXACT)
        request = Request(subject, clip, chosen(ZOO, guidance, seed, values))
    folder, notes = session.new_folder(shown_folder()), stored.unused(guidance)
    live = _Live(clip, guidance.alpha, folder, {}, notes, {}, stored.caption(guidance))
    status = f"Clip {clip}, subject {subject}: **computing now**, seed {seed}, guidance {stored.names(guidance)}."
    yield live.player(), panels.timeline({}), "", status
    with told():
        try:
            yield from _shown(session.stages(request), live, status)
        except Exception:
            yield live.player(WAIT), panels.timeline(live.done), "", status.replace("computing now", "failed")
            raise


def _shown(events: Generator, live: _Live, status: str) -> Iterator[tuple]:
    """The page after every event of a reconstruction, which ends when nobody listens any more."""
    try:
        for event in events:
            if isinstance(event, Result):
                table = panels.score_table(read_scores(event.summary["scores"]))
                finished = status.replace("computing now", "computed now")
                yield live.player(), panels.timeline(live.done, note="computed now,"), table, finished
            elif event.fraction == 1:
                live.take(event)
                yield live.player(), panels.timeline(live.done), gr.skip(), gr.skip()
            else:
                yield gr.skip(), panels.timeline(live.done, event), gr.skip(), gr.skip()
    finally:
        events.close()


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks and wire it."""
    data = load_dataset()
    last = data.info.n_clips - 1
    marks = stored.marks(FIRST)
    gallery = gr.Gallery(
        stored.thumbnails(FIRST),
        label="Test clips",
        show_label=False,
        columns=10,
        height=206,
        object_fit="cover",
        allow_preview=False,
        elem_id="gallery",
        buttons=[],
    )
    with gr.Row(elem_id="marks"):
        gr.Markdown(stored.CHOSEN)
        chosen_by_score = {name: gr.Button(name, size="sm", elem_id=name) for name in marks}
    with gr.Row():
        with gr.Column(scale=1, min_width=230):
            subjects = sorted(data.info.n_voxels)
            subject = as_sent(gr.Radio(subjects, value=FIRST, label="Subject (simulated)", elem_id="subject"))
            best = marks.get("best", 0)
            clip = as_sent(gr.Number(best, label=f"Test clip, 0 to {last}", minimum=0, maximum=last, elem_id="clip"))
            alpha = gr.Checkbox(True, label="α: blurry video guides", elem_id="alpha")
            beta = gr.Checkbox(True, label="β: keyframe guides", elem_id="beta")
            gamma = gr.Checkbox(True, label="γ: caption guides", elem_id="gamma")
            seed = as_sent(gr.Number(0, label="Seed", minimum=0, maximum=EXACT, elem_id="seed"))
            steps, *others = choices(ZOO)
            values = [steps.component(ZOO.settings)]
            with gr.Row():
                go = gr.Button("Reconstruct", variant="primary", elem_id="go", min_width=120)
                stop = gr.Button("Cancel", variant="stop", elem_id="cancel", min_width=80)
            with gr.Accordion("Models and numbers", open=False):
                values += [choice.component(ZOO.settings) for choice in others]
        with gr.Column(scale=4):
            status = gr.Markdown(elem_id="status")
            player = SyncPlayer(elem_id="player")
            times = gr.HTML(panels.timeline({}), elem_id="times")
            scores = gr.HTML(elem_id="scores")
    names = list(RECONSTRUCTORS)
    which = as_sent(gr.Radio(names, value=names[0], label="Voxel weights of", elem_id="which"))
    flat = FlatMap(elem_id="flat")

    asked, outputs = [subject, clip, alpha, beta, gamma], [player, times, scores, status]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    running = go.click(
        decode,
        [*asked, seed, *values],
        outputs,
        api_name="reconstruct",
        concurrency_id="models",
        concurrency_limit=1,
        show_progress="hidden",
    )
    stop.click(show, asked, outputs, cancels=[running], queue=False, **quiet)
    gallery.select(_picked, None, clip, **quiet)
    for name, button in chosen_by_score.items():
        button.click(partial(_marked, name), subject, clip, **quiet)
    changes = [subject.change, clip.change, alpha.change, beta.change, gamma.change]
    gr.on([demo.load, *changes], show, asked, outputs, cancels=[running], **quiet)
    gr.on([demo.load, subject.change], _gallery, subject, gallery, **quiet)
    gr.on([demo.load, subject.change, which.change], weight_map, [subject, which], flat, **quiet)


def _picked(event: gr.SelectData) -> int:
    return event.index


@told()
def _marked(name: str, subject: object) -> int:
    """The clip of a subject that is best, median or worst by score."""
    return stored.marks(subject_of(load_dataset().info, subject)).get(name, gr.skip())


@told()
def _gallery(subject: object) -> list[tuple[str, str]]:
    return stored.thumbnails(subject_of(load_dataset().info, subject))
