"""The verb that brings a checkpoint of another library into the form that the paper zoo loads: convert-unclip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.root import app
from neuroclips.faults import one_line_errors


@app.command()
@one_line_errors
def convert_unclip(
    file: Annotated[Path, typer.Argument(help="unclip6_epoch0_step110000.ckpt of the data set pscotti/mindeyev2")],
    out: Annotated[Path | None, typer.Option(help="folder; default: where the paper zoo looks for it")] = None,
    dtype: Annotated[str, typer.Option(help="of the UNet's weights: float32, bfloat16 or float16")] = "float16",
) -> None:
    """Turn the checkpoint of SDXL unCLIP into the folders unet, vae and scheduler that the paper zoo loads.

    Only tensors are read, never code, with about one GB of memory. What was there before stays until all is written.
    Example: python -m neuroclips convert-unclip unclip6_epoch0_step110000.ckpt
    """
    from neuroclips.paths import models_dir
    from neuroclips.pretrained.unclip_checkpoint import HOME, convert
    from neuroclips.reconstructors.weights import dtype_named

    print(f"wrote {convert(file, out or models_dir() / HOME, dtype_named(dtype))}")
