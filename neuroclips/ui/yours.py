"""The tab "Your brain": upload fMRI, decode its samples, calibrate a decoder for a new person."""

from __future__ import annotations

from typing import Any

import gradio as gr

from neuroclips.ui import own_cards as cards
from neuroclips.ui import own_events as events
from neuroclips.ui import own_models as models
from neuroclips.ui import own_page, permission
from neuroclips.ui.flatmap import FlatMap
from neuroclips.ui.inputs import as_sent
from neuroclips.ui.own_text import COMMANDS, CONSENT, INTRO, NEW_PERSON, OFF, measured
from neuroclips.ui.uploads import MB, limit

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
HEAVY: dict[str, Any] = {**QUIET, "concurrency_id": "models", "concurrency_limit": 1}


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks and wire it."""
    may = permission.allowed("upload")
    gr.HTML(f"<style>{cards.STYLE}</style>{INTRO}", padding=False, elem_id="yb-intro")
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            with gr.Column(visible=may) as fields:
                gr.Markdown(CONSENT)
                consent = as_sent(gr.Checkbox(False, label="I have read this and agree", elem_id="yb-consent"))
                with gr.Column(visible=False) as open_fields:
                    files = {"fmri": _file("fmri", "fMRI: .npy, .npz, .nii(.gz), .dtseries.nii", 120)}
                    with gr.Accordion("What comes beside it: mask, vertex index, clips", open=False):
                        files["mask"] = _file("mask", "Mask of a .nii: NIfTI of 0 and 1")
                        files["index"] = _file("index", "Vertex index: .npy of rows among 59,412 cortical vertices")
                        files["clips"] = _file("clips", "Clips, to calibrate: .npy (n, 2) of film and TR")
            with gr.Column(visible=not may) as off:
                gr.Markdown(OFF + COMMANDS)
            said = gr.HTML(elem_id="yb-said", padding=False)
            with gr.Row():
                try_it = gr.Button("Try with a simulated file", elem_id="yb-example", min_width=140)
                clear = gr.Button("Delete my files", elem_id="yb-forget", min_width=120)
        with gr.Column(scale=3, min_width=300):
            summary = gr.HTML(own_page.EMPTY, elem_id="yb-summary", padding=False)
            with gr.Row():
                decoder = as_sent(gr.Radio([], label="Decoder", elem_id="yb-decoder", scale=3, min_width=200))
                samples = as_sent(gr.Textbox("0", label="Samples, such as 0, 4, 7", elem_id="yb-samples", scale=2))
                seed = as_sent(gr.Number(0, label="Seed", elem_id="yb-seed", scale=1, min_width=90))
            with gr.Row():
                go = gr.Button("Decode", variant="primary", elem_id="yb-decode", min_width=120)
                stop = gr.Button("Cancel", elem_id="yb-cancel", min_width=80)
            state = gr.HTML(elem_id="yb-state", padding=False)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=300):
            rows = gr.HTML(cards.decoded([]), elem_id="yb-rows", padding=False)
        with gr.Column(scale=2, min_width=300, visible=False) as brain:
            flat = FlatMap(elem_id="yb-flat")
    with gr.Accordion("A new person: calibrate a decoder to your own voxels", open=False, elem_id="yb-new"):
        gr.Markdown(NEW_PERSON + measured())
        with gr.Row():
            like = as_sent(gr.Radio(["1", "2", "3"], value="1", label="Lead into the decoder of simulated subject"))
            fit = gr.Button("Calibrate", variant="primary", interactive=False, elem_id="yb-calibrate")
        fitted = gr.HTML(elem_id="yb-fitted", padding=False)

    page, shown = [said, summary, decoder, rows, fit, brain, flat, fitted], [rows, state, flat]
    running = go.click(models.decode, [decoder, samples, seed], shown, **HEAVY)
    stop.click(models.stopped, None, shown, cancels=[running], queue=False, **QUIET)
    fit.click(models.calibrate, like, page, **HEAVY)
    for role, field in files.items():
        field.upload(events.taking(role), [field, consent], [field, *page], **QUIET)
    consent.change(events.agree, consent, [open_fields, *page], **QUIET)
    try_it.click(events.example, None, page, **QUIET)
    clear.click(events.forget, None, page, **QUIET)
    demo.load(events.opened, None, [fields, off], **QUIET)
    demo.unload(events.left)


def _file(role: str, label: str, height: int = 100) -> gr.File:
    return as_sent(gr.File(label=f"{label}; at most {limit() // MB} MB", height=height, elem_id=f"yb-{role}"))
