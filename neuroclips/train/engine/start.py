"""Begin a training with weights that were trained before, instead of random ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from neuroclips.errors import InputError, MissingError
from neuroclips.tensors import is_finite, read_safetensors


def load_weights(modules: Mapping[str, nn.Module], folder: Path) -> None:
    """Load exported safetensors into the modules of a job; each module's are in `folder`/its name, or in `folder`.

    Raises MissingError when there are none, ValueError when they are of another architecture.
    """
    for name, module in modules.items():
        home = folder / name if (folder / name).is_dir() else folder
        files = sorted(home.glob("*.safetensors"))
        if not files:
            raise MissingError(f"no *.safetensors in {home}: start from the folder of a trained stage")
        state = {key: value for file in files for key, value in read_safetensors(file).items()}
        if infinite := [key for key, value in state.items() if not is_finite(value)]:
            raise InputError(
                f"{home}: got numbers in {infinite[0]} that are not finite, expected finite ones to start from"
            )
        try:
            wrong = module.load_state_dict(state, strict=False)
        except RuntimeError as error:
            raise InputError(f"{home} does not fit this stage ({str(error).splitlines()[-1].strip()})") from error
        given = {p.data_ptr() for k, p in module.state_dict().items() if k in state}
        missing = [k for k in wrong.missing_keys if module.state_dict()[k].data_ptr() not in given]  # not the tied ones
        if missing or wrong.unexpected_keys:
            raise InputError(
                f"{home} does not fit this stage: {len(missing)} weights missing, {len(wrong.unexpected_keys)} unknown,"
                f" such as {(missing + wrong.unexpected_keys)[0]}; start from a folder of the same stage"
            )
