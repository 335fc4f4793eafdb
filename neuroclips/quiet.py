"""Model libraries tell the terminal how they load weights; the product tells its user only what concerns them."""

from __future__ import annotations

import os


def one_line(message: Warning | str, *_, **__) -> str:
    """A warning without the code that it comes from, for `warnings.formatwarning`."""
    return f"neuroclips: {' '.join(str(message).split())}\n"


def quiet_libraries() -> None:
    """Switch the loading bars and advice of transformers, diffusers and tokenizers off; errors stay.

    Bars of downloads stay too: some models are large. A verbosity that the user asked for (TRANSFORMERS_VERBOSITY,
    DIFFUSERS_VERBOSITY) is left alone. Python's own warnings are not touched.
    """
    from diffusers.utils import logging as diffusers
    from huggingface_hub.utils import are_progress_bars_disabled, enable_progress_bars
    from transformers.utils import logging as transformers

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else it warns in every forked process
    downloads_shown = not are_progress_bars_disabled()
    for name, library in (("TRANSFORMERS", transformers), ("DIFFUSERS", diffusers)):
        if f"{name}_VERBOSITY" not in os.environ:
            library.set_verbosity_error()
            library.disable_progress_bar()
    if downloads_shown:  # transformers switches them off with its own
        enable_progress_bars()
