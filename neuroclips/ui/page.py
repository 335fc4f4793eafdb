"""The page: what it is in one line, and tabs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from neuroclips.ui import ablate, about, api, brain, evaluate, explore, play, training, yours


@dataclass(frozen=True)
class Tab:
    """A tab of the page; `build` lays it out inside an open gr.Blocks."""

    title: str
    id: str
    build: Callable[[gr.Blocks], None]


TABS = (
    Tab("Explore", "explore", explore.build),
    Tab("Ablate", "ablate", ablate.build),
    Tab("Brain", "brain", brain.build),
    Tab("Evaluate", "evaluate", evaluate.build),
    Tab("Train", "train", training.build),
    Tab("Your brain", "yours", yours.build),
    Tab("Play", "play", play.build),
    Tab("About", "about", about.build),
)
TITLE = "NeuroClips: from fMRI to video"
KEPT = (600, 3600)  # [s] between looks at gradio's own files, and how old they may grow
HEAD = """<header class="nc-head"><h1>NeuroClips</h1>
<p>Left, a film as a person saw it; right, the same two seconds decoded from that person's fMRI alone.</p>
<span class="nc-pill" role="note"><b>Simulated data, demo models:</b> films and brains are simulated, so that the truth
is known; demo judges score.</span></header>"""


def theme() -> gr.themes.Base:
    return gr.themes.Soft(primary_hue="violet", neutral_hue="slate").set(
        block_title_text_color="*primary_700",
        block_label_text_color="*primary_700",
        checkbox_label_background_fill_selected="*primary_600",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        button_primary_background_fill="*primary_600",
    )


def build() -> gr.Blocks:
    """The whole page; launch it with `theme()`, `head()` and the routes of `ui.routes`."""
    with gr.Blocks(title=TITLE, fill_width=True, delete_cache=KEPT) as demo:
        gr.HTML(HEAD, apply_default_css=False)
        if os.environ.get("OAUTH_CLIENT_ID"):  # a Space: its owner may train and upload when logged in
            gr.LoginButton(size="sm", elem_id="login")
        with gr.Tabs(overflow_behavior="wrap"):  # those in a menu could not be opened by an address
            for tab in TABS:
                with gr.Tab(tab.title, id=tab.id, elem_id=f"tab-{tab.id}"):
                    tab.build(demo)
        api.build()
    return demo.queue(max_size=100, default_concurrency_limit=None)
