"""A transformers model with all of its weights: the library fills those that its file lacks with random numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from neuroclips.errors import InputError


def whole(model_class: Any, source: str | Path, **more: Any) -> Any:
    """`model_class`.from_pretrained. Raises InputError for a file that lacks weights, which nobody would notice."""
    model, about = model_class.from_pretrained(source, output_loading_info=True, **more)
    needed = {name for name, _ in model.named_parameters()}  # not what is computed, nor what is tied to another
    if missing := sorted(needed.intersection(map(str, about["missing_keys"]))):
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"{source}: got weights without {missing[0]}{others}, expected all of its config: fetch both again"
        )
    return model
