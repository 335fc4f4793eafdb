"""What the tab "Your brain" shows of a visit, and where visits are held."""

from __future__ import annotations

import gradio as gr
import numpy as np

from neuroclips.ui import own_cards as cards
from neuroclips.ui import own_file
from neuroclips.ui.flatmap import pack
from neuroclips.ui.uploads import Visit, Visits

VISITS = Visits()
MINE = "yours"  # the decoder that was calibrated
SHOWN = 10.0  # z-scores between the ends of the map
SIGNED = {"signed": True, "window": (0.06, 0.5)}  # its colours run from 0.3 to 2.5 in either direction
EMPTY = cards.note("Nothing is read yet: tick the box and upload a file, or try the simulated one.")
N_PARTS = 8


def parts(visit: Visit, said: str) -> tuple:
    """Of the page: message, summary, decoders, decoded rows, button to calibrate, whether there is a map, the map, and
    how well the calibrated decoder does."""
    own, rows, fitted = visit.read, cards.decoded(visit.rows), cards.calibrated(visit.made) if visit.made else ""
    if own is None:
        none = gr.update(choices=[], value=None)
        return said, EMPTY, none, rows, gr.update(interactive=False), gr.update(visible=False), {}, fitted
    subjects, fit = own_file.fitting(own)
    options = [(f"Simulated subject {subject}", str(subject)) for subject in subjects]
    if visit.made is not None and visit.made.n_voxels == own.n_voxels:
        options.append((f"Yours, calibrated like subject {visit.made.like}", MINE))
    summary = cards.facts(own_file.summary(own), own.notes) + cards.note(fit, "" if options else "odd")
    decoders = gr.update(choices=options, value=options[-1][1] if options else None)
    flat = gr.skip() if own.vertex_index is None else mapped(own, 0)
    ready, brain = gr.update(interactive=own.given is not None), gr.update(visible=own.vertex_index is not None)
    return said, summary, decoders, rows, ready, brain, flat, fitted


def mapped(own: own_file.OwnFile, sample: int) -> dict:
    """The flat map's value: a sample where its voxels are."""
    from neuroclips.brain.weights_map import to_cortex  # it reads the meshes

    assert own.vertex_index is not None
    values = to_cortex(np.clip(0.5 + own.fmri[sample] / SHOWN, 0, 1), own.vertex_index)
    return pack(values, f"Sample {sample}: its values (z-scores)", ends=(-SHOWN / 2, SHOWN / 2)) | SIGNED
