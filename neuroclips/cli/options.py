"""Options that several verbs have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

VideoSteps = Annotated[int | None, typer.Option(help="of the whole noise schedule")]
Start = Annotated[float | None, typer.Option(help="share of it that is run; 1 runs every step")]
Solver = Annotated[str | None, typer.Option(help="of the video: dpm, ddim (the paper's) or euler")]
AlphaMode = Annotated[str | None, typer.Option(help="of equation 5: partial, paper or released; default: the zoo's")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, mps ...; default: the best there is")]
Dtype = Annotated[str | None, typer.Option(help="of weights: float32, bfloat16 or float16; default: the zoo's")]
MemoryMode = Annotated[
    str | None, typer.Option("--memory", help="whole, in turn or layers; default: the fastest that fits what is free")
]
Speed = Annotated[
    str | None,
    typer.Option(help="graphs, or compiled, which takes minutes first: faster on a GPU that holds all models"),
]
Setting = Annotated[list[str] | None, typer.Option("--set", help="any other setting: theta=0.2, prior_samples=1")]
Silenced = Annotated[
    str | None,
    typer.Option("--lesion", help="regions to silence before decoding: V1,V2 or early visual or L_MT"),
]
Keep = Annotated[str | None, typer.Option(help="regions to keep; all others are silenced: FFC")]
Silence = Annotated[str | None, typer.Option(help="of --lesion or --keep: zero, mean or noise; default: zero")]
WhichZoo = Annotated[str, typer.Option("--zoo", help="which models")]
Source = Annotated[Path | None, typer.Option(help="folder or file of the dataset")]
VertexIndex = Annotated[Path | None, typer.Option(help="dataset file: .npy of rows among the vertices")]
Mask = Annotated[Path | None, typer.Option(help="dataset file: NIfTI mask of a .nii")]
Reconstructors = Annotated[Path | None, typer.Option(help="folder with subjectS/perception ... of your own")]
