"""What a stage gives to the training loop."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from neuroclips.train.engine.recipe import Turn


class Job:
    """What a stage gives to the loop; a stage overrides what it needs.

    modules : what is trained and saved; best_by : which value of `validate` the exported weights maximise; bars : what
    values of `validate` should reach, and web_shots : first and count of the web shots learnt from, for the record.
    """

    modules: Mapping[str, nn.Module]
    n_samples: int = 1  # of an epoch
    best_by: str | None = None
    bars: Mapping[str, float] = {}
    web_shots: tuple[int, int] | None = None
    beside: Mapping[str, str] = {}  # role -> digest of the frozen reconstructor whose output was learnt from
    tensors: Mapping[str, Tensor] = {}  # what is learnt from, by name, where the modules are
    identity: Mapping[str, object] = {}  # a run with another one cannot be resumed
    dtype: torch.dtype = torch.float32  # of the exported weights

    @property
    def device(self) -> torch.device:
        """Where it is trained."""
        return next(next(iter(self.modules.values())).parameters()).device

    def to(self, device: torch.device | str) -> None:
        """Move what is trained and what is learnt from; on a CPU, what is mapped from disk stays there."""
        nn.ModuleDict(dict(self.modules)).to(device)
        self.tensors = {name: values.to(device) for name, values in self.tensors.items()}

    def batch(self, turn: Turn) -> object:
        """Draw a batch: tensors by name, on the CPU. By default the loss draws it."""
        return turn

    def loss(self, batch) -> Tensor | dict[str, Tensor]:
        """The loss, or its weighted terms by name."""
        raise NotImplementedError

    def validate(self) -> dict[str, float]:
        """Scores on validation films, with the averaged weights in place."""
        return {}

    def show(self, folder: Path, step: int) -> None:
        """Write samples of validation films to `folder`, for who watches the run; averaged weights are in place."""

    def export(self) -> None:
        """Write the weights to where they are used."""
        raise NotImplementedError
