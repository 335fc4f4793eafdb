"""The Decode tab: choose a subject and a clip, watch every stage, switch guidances, reconstruct live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from neuroclips import precomputed
from neuroclips.brain.weights_map import mean_weight, to_cortex
from neuroclips.config import SMOOTH_PROMPT, ZOOS
from neuroclips.data.registry import load_dataset
from neuroclips.data.simulated import THUMBNAILS
from neuroclips.errors import InputError
from neuroclips.media import write_video
from neuroclips.paths import cache_dir
from neuroclips.pretrained.schedule import SOLVERS
from neuroclips.reconstructors import weights
from neuroclips.types import Guidance, Request, Result, Stage
from neuroclips.ui import panels, session
from neuroclips.ui.flatmap import FlatMap, pack
from neuroclips.ui.player import SyncPlayer, item
from neuroclips.zoo import CAPTIONERS

ZOO = ZOOS["demo"]
RECONSTRUCTORS = {"Perception Reconstructor": "perception", "Semantics Reconstructor": "semantic"}
WAIT = "press Reconstruct"


def shown_folder() -> Path:
    """Where files for the players of this machine are kept."""
    return cache_dir("shown")


def ground_truth(clip: int) -> Path:
    """The true film of a clip, rendered when it is first shown."""
    path = shown_folder() / f"ground_truth_{clip:03d}.mp4"
    if not path.exists():
        truth = load_dataset().stimulus(clip, ZOO.inference.n_video_frames)
        write_video(session.new_folder(shown_folder()) / path.name, truth, ZOO.inference.fps).rename(path)
    return path


def thumbnails() -> list[tuple[str, str]]:
    """Pictures and numbers of the shipped clips for the gallery."""
    return [(str(path), path.stem.lstrip("0") or "0") for path in sorted(THUMBNAILS.glob("*.webp"))]


@lru_cache(maxsize=8)
def weight_map(subject: int, name: str) -> dict:
    """The flat map's value: voxel weights of one reconstructor of a subject."""
    index = load_dataset().vertex_index(subject)
    model = weights.load(ZOO.folder / f"subject{subject}" / RECONSTRUCTORS[name])
    values = to_cortex(mean_weight(model.voxel_weights.numpy()), index)
    return pack(values, f"{name}, subject {subject}: mean |ridge weight| of {len(index):,} voxels, scaled to 0..1")


def cells(clip: int, files: dict[str, Path], caption: str = "", notes: dict[str, str] | None = None, wait: str = WAIT):
    """The player's value: ground truth and what there is of each stage."""
    notes = notes or {}

    def stage(label: str, name: str, kind: str = "video") -> dict:
        return item(label, kind, files.get(name), note=notes.get(name, ""), wait=notes.get(name) or wait)

    return {
        "items": [
            item("Ground truth", path=ground_truth(clip), note="simulated"),
            stage("Blurry video (α)", "blurry video"),
            stage("Keyframe (β)", "keyframe", "image"),
            item("Caption (γ)", "text", text=caption, note=notes.get("caption", ""), wait=wait),
            stage("Final video", "video"),
        ]
    }


def show(subject: int, clip: float) -> tuple:
    """Precomputed results of a clip, at once, or empty cells; player, timeline, scores, status."""
    clip = int(clip or 0)
    stored = precomputed.load(subject, clip)
    if not stored:
        return cells(clip, {}), panels.timeline({}), "", f"Clip {clip}: nothing precomputed, {WAIT}."
    home = precomputed.folder(subject, clip)
    files = {"blurry video": home / "blurry.mp4", "keyframe": home / "keyframe.png", "video": home / "video.mp4"}
    notes = dict.fromkeys((*files, "caption"), "precomputed")
    label = f"Clip {clip}, subject {subject}: **precomputed** with seed {stored['seed']} and all guidances."
    times = panels.timeline(stored["seconds"], note="precomputed,")
    return cells(clip, files, stored["caption"], notes), times, panels.score_table(stored["scores"]), label


@dataclass
class _Live:
    """What a running reconstruction has shown so far."""

    clip: int
    alpha: bool
    folder: Path
    files: dict[str, Path]
    notes: dict[str, str]
    done: dict[str, float]
    caption: str = ""

    def take(self, stage: Stage) -> None:
        """Keep the result of a finished step."""
        self.done[stage.name] = stage.seconds
        unused = stage.name == "blurry video" and not self.alpha
        self.notes[stage.name] = f"computed now, {stage.seconds:.2f} s" + (", not used" if unused else "")
        if stage.name == "caption":
            self.caption = str(stage.result)
        elif path := session.save_stage(stage, self.folder, ZOO.inference.fps):
            self.files[stage.name] = path

    def player(self) -> dict:
        return cells(self.clip, self.files, self.caption, self.notes, wait="waiting")


def decode(
    subject: int,
    clip: float,
    alpha: bool,
    beta: bool,
    gamma: bool,
    seed: float,
    steps: float,
    solver: str = ZOO.inference.video_solver,
    captioner: str = "blip2",
) -> Iterator[tuple]:
    """Reconstruct a clip live; yields player, timeline, scores and status after every step of every stage."""
    live = _Live(int(clip or 0), alpha, session.new_folder(shown_folder()), {}, {}, {})
    guidance = Guidance(alpha, beta, gamma and beta)
    if not beta:
        live.notes["keyframe"] = "off"
    if not (beta and gamma):
        live.caption, live.notes["caption"] = SMOOTH_PROMPT, "generic prompt"
    status = (
        f"Clip {live.clip}, subject {subject}: **computing now**, seed {int(seed or 0)}, guidance {_names(guidance)}."
    )
    yield live.player(), panels.timeline({}), "", status
    request = Request(subject, live.clip, guidance, int(seed or 0), int(steps), solver, captioner)
    events = session.stages(request)
    try:
        for event in events:
            if isinstance(event, Result):
                table = panels.score_table(event.summary["scores"])
                finished = status.replace("computing now", "computed now")
                yield live.player(), panels.timeline(live.done, note="computed now,"), table, finished
            elif event.fraction == 1:
                live.take(event)
                yield live.player(), panels.timeline(live.done), gr.skip(), gr.skip()
            else:
                yield gr.skip(), panels.timeline(live.done, event), gr.skip(), gr.skip()
    except InputError as error:
        raise gr.Error(str(error), print_exception=False) from error
    finally:
        events.close()


def _names(guidance: Guidance) -> str:
    on = [sign for sign, is_on in zip("αβγ", (guidance.alpha, guidance.beta, guidance.gamma), strict=True) if is_on]
    return ", ".join(on) or "none"


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks and wire it."""
    data = load_dataset()
    last = data.info.n_clips - 1
    gallery = gr.Gallery(
        thumbnails(),
        label="Test clips",
        show_label=False,
        columns=10,
        height=206,
        object_fit="cover",
        allow_preview=False,
        elem_id="gallery",
        buttons=[],
    )
    with gr.Row():
        with gr.Column(scale=1, min_width=230):
            subject = gr.Radio(sorted(data.info.n_voxels), value=1, label="Subject (simulated)", elem_id="subject")
            clip = gr.Number(0, label=f"Test clip, 0 to {last}", precision=0, minimum=0, maximum=last, elem_id="clip")
            alpha = gr.Checkbox(True, label="α: blurry video guides", elem_id="alpha")
            beta = gr.Checkbox(True, label="β: keyframe guides", elem_id="beta")
            gamma = gr.Checkbox(True, label="γ: caption guides", elem_id="gamma")
            seed = gr.Number(0, label="Seed", precision=0, minimum=0, elem_id="seed")
            steps = gr.Slider(4, 25, ZOO.inference.video_steps, step=1, label="Video steps", elem_id="steps")
            with gr.Accordion("Models", open=False):
                solver = gr.Radio(list(SOLVERS), value=ZOO.inference.video_solver, label="Solver of the video")
                captioner = gr.Radio(list(CAPTIONERS), value="blip2", label="Captioner")
            with gr.Row():
                go = gr.Button("Reconstruct", variant="primary", elem_id="go", min_width=120)
                stop = gr.Button("Cancel", variant="stop", elem_id="cancel", min_width=80)
        with gr.Column(scale=4):
            status = gr.Markdown(elem_id="status")
            player = SyncPlayer(elem_id="player")
            times = gr.HTML(panels.timeline({}), elem_id="times")
            scores = gr.HTML(elem_id="scores")
    which = gr.Radio(list(RECONSTRUCTORS), value="Perception Reconstructor", label="Voxel weights of", elem_id="which")
    flat = FlatMap(elem_id="flat")

    outputs = [player, times, scores, status]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    running = go.click(
        decode,
        [subject, clip, alpha, beta, gamma, seed, steps, solver, captioner],
        outputs,
        api_name="reconstruct",
        concurrency_id="models",
        concurrency_limit=1,
        show_progress="hidden",
    )
    stop.click(show, [subject, clip], outputs, cancels=[running], queue=False, **quiet)
    gallery.select(_picked, None, clip, **quiet)
    gr.on([demo.load, subject.change, clip.change], show, [subject, clip], outputs, cancels=[running], **quiet)
    gr.on([demo.load, subject.change, which.change], weight_map, [subject, which], flat, **quiet)


def _picked(event: gr.SelectData) -> int:
    return event.index
