"""The page: banner and tabs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from neuroclips.paths import ASSETS
from neuroclips.ui import decode, panels, session, training


@dataclass(frozen=True)
class Tab:
    """A tab of the page; `build` lays it out inside an open gr.Blocks."""

    title: str
    id: str
    build: Callable[[gr.Blocks], None]


TABS = (Tab("Decode", "decode", decode.build), Tab("Train", "train", training.build))
TITLE = "NeuroClips: from fMRI to video"
CREDITS = """
Method: Gong et al., *NeuroClips*, NeurIPS 2024. Objects: Fluent 3D emoji by Microsoft (MIT). Cortical meshes: data were
provided in part by the Human Connectome Project, WU-Minn Consortium; areas: Glasser et al., *Nature* 2016.
"""


def theme() -> gr.themes.Base:
    return gr.themes.Soft(primary_hue="violet", neutral_hue="slate").set(
        block_title_text_color="*primary_700",
        block_label_text_color="*primary_700",
        button_primary_background_fill="*primary_600",
    )


def build() -> gr.Blocks:
    """The whole page; launch it with `theme()` and `panels.STYLE`."""
    session.sweep(decode.shown_folder())
    gr.set_static_paths([ASSETS, decode.shown_folder()])
    with gr.Blocks(title=TITLE) as demo:
        gr.Markdown(f"# {TITLE}\nPick a subject and a test clip, and watch a film being decoded from brain activity.")
        gr.HTML(panels.BANNER)
        with gr.Tabs():
            for tab in TABS:
                with gr.Tab(tab.title, id=tab.id):
                    tab.build(demo)
        gr.Markdown(CREDITS)
    return demo.queue(max_size=20)
