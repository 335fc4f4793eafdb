"""The Train tab: choose a training, watch it, and take its weights to the Explore tab."""

from __future__ import annotations

from typing import Any

import gradio as gr

from neuroclips.ui import permission, training_choices
from neuroclips.ui.inputs import as_sent, told
from neuroclips.ui.offered import OFFERED, card, offered, presets, subjects
from neuroclips.ui.run_record import Choices
from neuroclips.ui.runs import the_run
from neuroclips.ui.training_choices import FOLDER, SIMULATED
from neuroclips.ui.web import Widget

ABOUT = """Train a part of the pipeline on the training films, in a process of its own. What you see of it comes from
two validation films, which are cut from the training films and teach nothing. New weights go to the cache folder, never
over the shipped ones; one run at a time on this machine, which goes on when the page is closed."""
# the random word by which a browser owns its run, in the place of the last of n inputs; it survives a reload
OWNER = """(...sent) => {
  let word = window.ncOwner || "";
  try { word = localStorage.getItem("nc-owner") || word; } catch {}
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  word = word || Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  window.ncOwner = word;
  try { localStorage.setItem("nc-owner", word); } catch {}
  return [...sent.slice(0, %d), word];
}"""
LOOK = "() => window.dispatchEvent(new Event('nc:training'))"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


def build(demo: gr.Blocks) -> None:
    """Lay out the tab and wire it."""
    gr.Markdown(ABOUT)
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=310):
            on = permission.allowed("train")
            instead = gr.Markdown(training_choices.instead(), visible=not on, elem_id="train-instead")
            with gr.Column(visible=on, elem_id="train-controls") as controls:
                _controls()
        with gr.Column(scale=5, min_width=340):
            Widget("training", elem_id="train-live")

    def access(profile: gr.OAuthProfile | None = None):
        may = permission.allowed("train", profile)
        return gr.Column(visible=may), gr.Markdown(visible=not may)

    demo.load(access, None, [controls, instead], **QUIET)


def _controls() -> None:
    """Choices and buttons."""
    first = next(iter(OFFERED))
    named: dict[str, Any] = {"choices": [(about.title, name) for name, about in OFFERED.items()], "value": first}
    stage = as_sent(
        gr.Dropdown(**named, filterable=False, label="What to train", info=offered(first).about, elem_id="train-stage")
    )
    subject = as_sent(gr.Radio(subjects(), value=1, label="Subject", elem_id="train-subject"))
    preset = as_sent(gr.Radio(**training_choices.preset_radio(first, 1), label="How long", elem_id="train-preset"))
    steps, rate, data, source = _details(first)
    said = training_choices.estimate(Choices(first, 1, presets(first, 1)["taste"]))
    estimate = gr.Markdown(said, elem_id="train-estimate")
    with gr.Row():
        start = gr.Button("Start training", variant="primary", elem_id="train-start")
        stop = gr.Button("Stop", variant="stop", elem_id="train-stop")
        resume = gr.Button("Go on with this run", elem_id="train-resume")
    owner = as_sent(gr.Textbox("", visible=False, label="owner"))
    chosen = [stage, subject, data, source, steps, rate]
    stage.change(_choose, [stage, subject], [stage, preset, steps, rate], **QUIET)
    preset.change(lambda n: n, preset, steps, **QUIET)
    data.change(lambda value: gr.Textbox(visible=value == FOLDER), data, source, **QUIET)
    changes: list[Any] = [part.change for part in (stage, subject, data, source, steps, rate)]
    gr.on(changes, _say, chosen, estimate, trigger_mode="always_last", **QUIET)
    _wire(start, _start, [*chosen, owner], "train_start")
    _wire(stop, _stop, [owner], "train_stop")
    _wire(resume, _resume, [owner], "train_resume")


def _details(first: str) -> tuple[gr.Number, gr.Number, gr.Radio, gr.Textbox]:
    """Steps, learning rate, dataset and its folder."""
    with gr.Accordion("Steps, learning rate, dataset", open=False):
        steps = gr.Number(presets(first, 1)["taste"], label="Steps", precision=0, elem_id="train-steps")
        most = "the highest of the OneCycle schedule"
        rate = gr.Number(_rate(first, 1), label="Learning rate", info=most, elem_id="train-rate")
        data = gr.Radio([SIMULATED, FOLDER], value=SIMULATED, label="Dataset", elem_id="train-data")
        source = gr.Textbox("", label="Folder of the dataset", visible=False, elem_id="train-source")
    return as_sent(steps), as_sent(rate), as_sent(data), as_sent(source)


@told()
def _choose(stage: str, subject: int):
    """What else is shown for a stage."""
    shown, number = training_choices.preset_radio(stage, subject), presets(stage, subject).get("taste")
    has = number is not None
    about, rate = gr.Dropdown(info=offered(stage).about), gr.Number(_rate(stage, subject), visible=has)
    return about, gr.Radio(**shown, visible=has), gr.Number(number, visible=has), rate


def _wire(button: gr.Button, function, inputs: list, name: str) -> None:
    event = button.click(function, inputs, None, js=OWNER % (len(inputs) - 1), api_name=name, **QUIET)
    event.then(None, None, None, js=LOOK, **QUIET)


def _say(stage, subject, data, source, steps, rate, profile: gr.OAuthProfile | None = None) -> str:
    return training_choices.say(stage, subject, data, source, steps, rate, profile)


@told()
def _start(stage, subject, data, source, steps, rate, owner: str, profile: gr.OAuthProfile | None = None) -> None:
    permission.refuse("train", profile)
    the_run().start(training_choices.choices(stage, subject, data, source, steps, rate, profile), str(owner))


@told()
def _stop(owner: str, profile: gr.OAuthProfile | None = None) -> None:
    permission.refuse("train", profile)
    the_run().stop(str(owner), any_run=permission.is_owner(profile))


@told()
def _resume(owner: str, profile: gr.OAuthProfile | None = None) -> None:
    permission.refuse("train", profile)
    the_run().resume(str(owner))


def _rate(stage: str, subject: int) -> float | None:
    return card(stage, subject).get("learning_rate")
