"""The only loader of a zoo's models, and the table of zoos that it reads (neuroclips/zoo_table.py).

The page reads the table before any model library is loaded: what loads models imports torch when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroclips.budget import INGREDIENTS
from neuroclips.errors import MissingError
from neuroclips.fetched import download_command, home_of
from neuroclips.once import MODELS, loaded_once
from neuroclips.parts import JUDGES, Part, Zoo
from neuroclips.reading import naming
from neuroclips.video_models import ANIMATEDIFF
from neuroclips.zoo_table import DEFAULT, KINDS, RECONSTRUCTORS, VIDEO_NEEDS, ZOOS, zoo_named

if TYPE_CHECKING:
    import torch

    from neuroclips.metrics.judges import Judges
    from neuroclips.placement import Placement

__all__ = [
    "ANIMATEDIFF",
    "DEFAULT",
    "KINDS",
    "RECONSTRUCTORS",
    "VIDEO_NEEDS",
    "ZOOS",
    "Part",
    "Zoo",
    "best_device",
    "load_judges",
    "load_part",
    "zoo_named",
]


def best_device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    from neuroclips import placement

    return placement.best_device()


def load_part(
    zoo: Zoo,
    role: str,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
    subject: int | None = None,
    placement: Placement | None = None,
) -> Any:
    """The frozen model of a role, loaded when it is first asked for.

    placement : where it computes; without one it is whole on `device`, where None is the best there is, in `dtype`,
    where None is float32. Raises InputError for an unknown role, MissingError for files that are not there.
    """
    import torch

    from neuroclips.placement import Placement

    if placement is None:
        placement = Placement(torch.device(device or best_device()), dtype or torch.float32)
    part = zoo.part(role)
    return _load(zoo, part if subject is None else part.of(subject), placement)


@partial(loaded_once, lock=MODELS)
def _load(zoo: Zoo, part: Part, placement: Placement):
    return placement.put(_made(zoo, part, placement))


def _made(zoo: Zoo, part: Part, placement: Placement):
    """A model on the CPU; those that it keeps beside its own weights are placed already, ingredients are not kept."""
    import torch

    from neuroclips.intact import refuse_unfilled

    needed = (zoo.part(role) for role in part.needs)
    needs = [(_made if need.kind in INGREDIENTS else _load)(zoo, need, placement) for need in needed]
    dtype, source, folder = placement.dtype_of(part), *_found(zoo, part)
    with torch.random.fork_rng(devices=[]):  # a model is made of random weights first: nobody's draws change by that
        model = _from_folder(part, source, folder, needs, dtype)
    refuse_unfilled(folder, model)
    return model


def _found(zoo: Zoo, part: Part) -> tuple[Path, Path]:
    """Where the part's repository is on this machine, and the folder in it. Raises MissingError with what to do."""
    if not part.is_local:
        try:
            home = home_of(part)
        except MissingError as error:
            raise MissingError(
                f"zoo {zoo.name} has no {part.role} on this machine ({error}; {part.size:g} GB, {part.licence}): "
                f"{download_command(zoo, [part])}, or take --zoo demo"
            ) from error
        return home, home / (part.subfolder or "")
    if not part.folder.is_dir():
        home = Path(part.source)
        found = sorted(p.name for p in home.glob("*") if p.is_dir()) if home.is_dir() else []
        raise MissingError(
            f"no {part.role} in {part.folder}; in {home.name} there are: {', '.join(found) or 'nothing'}. Stages that "
            "make it: python -m neuroclips train --help"
        )
    return Path(part.source), part.folder


def _from_folder(part: Part, source: Path, folder: Path, needs: list, dtype: torch.dtype):
    from neuroclips.intact import refuse_damaged

    refuse_damaged(folder)
    with naming(folder, f"the files of a {part.role}"):
        if part.is_local:  # a folder of its own
            return _loader(part.kind)(folder, *needs, dtype=dtype)
        return _loader(part.kind)(source, *needs, dtype=dtype, subfolder=part.subfolder)


def _loader(kind: str) -> Callable:
    """What loads a kind: from_pretrained of its class, or a function with the same arguments."""
    module, _, name = KINDS[kind].partition(":")
    found = getattr(import_module(module), name)
    return getattr(found, "from_pretrained", found)


def load_judges(zoo: Zoo, placement: Placement | None = None) -> Judges:
    """The frozen models that score reconstructions; in the demo zoo they are ours, and scores say so."""
    from neuroclips.metrics.judges import Judges

    placed = placement and placement.of_judges
    return Judges(*(load_part(zoo, role, placement=placed) for role in JUDGES))
