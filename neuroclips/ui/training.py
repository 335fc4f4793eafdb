"""The Train tab: a real run of a reconstructor stage in a process of its own, drawn while it runs."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from typing import Any

import gradio as gr

from neuroclips import viz
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.parallel import ENDS_WITH_STDIN
from neuroclips.paths import PACKAGE, cache_dir
from neuroclips.train.engine.checkpoint import LOG, read_log
from neuroclips.train.engine.hold import refuse_held
from neuroclips.ui.inputs import as_sent, one_of, subject_of, told, whole
from neuroclips.zoo import RECONSTRUCTORS

STAGES = ("perception", "semantic", "prior", "linear")
FEWEST, MOST = 50, 2000  # steps


class TrainingRun:
    """One training process at a time; its weights go to the cache, never over the shipped ones.

    It goes on while pages are reloaded, and ends with the server, however that ends.
    """

    def __init__(self):
        self.process: subprocess.Popen | None = None
        self.stopped = False
        self.title, self.folder, self.out = "", cache_dir("training"), cache_dir("training")
        self.decodes = ""  # options of the command that decodes with what was trained, if one can
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, stage: str, subject: int, steps: int) -> None:
        """Start `python -m neuroclips train` afresh.

        Raises InputError while another run goes on, and for what cannot be trained.
        """
        subject, steps = _expect(stage, subject, steps)
        if self.running:
            raise InputError(f"{self.title} is still running: stop it first")
        folder = cache_dir("training", f"{stage}-subject{subject}")
        refuse_held(folder)
        self.folder, self.stopped = folder, False
        self.title = f"{stage}, subject {subject}" + (f", {steps} steps" if _has_steps(stage) else "")
        self.decodes = f"--subject {subject} " if stage in RECONSTRUCTORS else ""
        (self.folder / LOG).unlink(missing_ok=True)
        self.out = cache_dir("training", "weights", f"subject{subject}") / stage
        command = [sys.executable, "-m", "neuroclips", "train", "--stage", stage, "--subject", str(subject)]
        command += ["--no-resume", "--run-dir", str(self.folder), "--out", str(self.out)]
        command += ["--steps", str(steps)] if _has_steps(stage) else []
        with (self.folder / "output.txt").open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # nothing is said by it: it closes when we are no more
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_environment(),
            )

    def stop(self) -> None:
        """End the process, and with it its workers, and wait for it."""
        if self.process is not None and self.running:
            self.stopped = True
            self.process.terminate()
            self.process.wait(30)

    def log(self) -> list[dict]:
        """Steps and validations logged so far."""
        return read_log(self.folder)

    def status(self) -> str:
        """One line on what the run does."""
        if self.process is None:
            return "Nothing is training."
        log = self.log()
        steps, validated = sum("loss" in line for line in log), _validated(log)
        if self.running:
            if steps:
                return f"**Training {self.title}**: step {steps}{validated}."
            return f"**Preparing {self.title}**: {self._last_line()}"
        if self.process.returncode == 0:
            return f"Done: {self.title}{validated}. {self._what_next()}"
        if self.stopped:
            return f"Stopped: {self.title}, after {steps} steps{validated}."
        return f"Failed: {self.title}. {self._last_line()}"

    def _what_next(self) -> str:
        if not self.decodes:
            return f"This baseline is scored, not decoded with; its weights are in {self.out}."
        command = f"python -m neuroclips reconstruct {self.decodes}--reconstructors {self.out.parent.parent}"
        return f"Decode with these weights: {command}"

    def _last_line(self) -> str:
        """What the process printed last; progress bars redraw a line by carriage returns."""
        output = self.folder / "output.txt"
        text = (
            output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        )  # bars are cut within a letter
        return text.strip().replace("\r", "\n").rpartition("\n")[2]


def _expect(stage: object, subject: object, steps: object) -> tuple[int, int]:
    """Subject and steps as they were sent. Raises InputError with what there is."""
    one_of("stage", stage, STAGES)
    return subject_of(load_dataset().info, subject), whole("steps", steps, FEWEST, MOST)


def _environment() -> dict[str, str]:
    """Ours, with the running package first on the path: it starts in any folder, and prints without delay."""
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", ENDS_WITH_STDIN: "1"}


def _has_steps(stage: str) -> bool:
    """Whether a stage is trained step by step, or solved at once."""
    from neuroclips.train.stages import stage_named  # it brings every model library with it

    return "steps" in stage_named(stage).options


def _validated(log: list[dict]) -> str:
    """What the last validation said, for the end of a sentence."""
    scores: dict[str, float] = next((line["validation"] for line in reversed(log) if "validation" in line), {})
    return "".join(f", {name} {float(value):.3f}" for name, value in scores.items()) + (
        " on validation films" if scores else ""
    )


def build(demo: gr.Blocks) -> None:
    """Lay out the tab and wire it."""
    run = TrainingRun()
    gr.Markdown(
        "Train a reconstructor on the simulated training films, in its own process. The first run makes the simulated "
        "dataset and encodes its films, which takes some minutes on two cores; later runs start in seconds. New "
        "weights go to the cache folder and leave the shipped ones alone. Dots are scores on validation films, which "
        "are cut from the training films; a linear baseline is solved at once and has no steps. One run at a time, "
        "shared by all visitors."
    )
    with gr.Row():
        stage = as_sent(gr.Radio(list(STAGES), value="semantic", label="Stage", elem_id="train-stage"))
        subjects = sorted(load_dataset().info.n_voxels)
        subject = as_sent(gr.Radio(subjects, value=1, label="Subject", elem_id="train-subject"))
        steps = as_sent(gr.Slider(FEWEST, MOST, 300, step=50, label="Steps", elem_id="train-steps"))
    with gr.Row():
        start = gr.Button("Start training", variant="primary", elem_id="train-start")
        stop = gr.Button("Stop", variant="stop", elem_id="train-stop")
    status = gr.Markdown(run.status(), elem_id="train-status")
    plot = gr.Plot(label="Loss and validation", elem_id="train-loss")
    timer = gr.Timer(1.0, active=False)

    @told()
    def begin(stage: str, subject: int, steps: int):
        run.start(stage, subject, steps)
        return run.status(), gr.Timer(active=True)

    def look():
        log = run.log()
        figure = viz.training_figure(log, run.title) if log else None
        return run.status(), figure, gr.Timer(active=run.running)

    def end():
        run.stop()
        return look()

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    start.click(begin, [stage, subject, steps], [status, timer], **quiet)
    timer.tick(look, None, [status, plot, timer], **quiet)
    stop.click(end, None, [status, plot, timer], **quiet)
    demo.load(look, None, [status, plot, timer], **quiet)  # a run goes on while the page is reloaded
