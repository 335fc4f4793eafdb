"""What is to be trained, as it was asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neuroclips.paths import runs_dir
from neuroclips.ranges import Checked, Number
from neuroclips.simulation.subjects import subject_name
from neuroclips.train.reconstructors.study import Minutes
from neuroclips.train.spec import RECIPE as RECIPE_FIELDS
from neuroclips.zoo import DEFAULT


@dataclass(frozen=True)
class Order(Checked):
    """The options of `python -m neuroclips train`, which see; None and empty ones were not given.

    recipe : fields of the Recipe to change; changes : fields of the stage's config, with dots.
    """

    stage: str
    subjects: tuple[Number, ...] = ()
    zoo: str = DEFAULT
    dataset: str | None = None
    source: Path | None = None
    stimuli: Path | None = None
    out: Path | None = None
    run_dir: Path | None = None
    resume: bool = True
    start: Path | None = None
    backbone: Path | None = None
    minutes: Minutes | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, object] = field(default_factory=dict)
    words: str = ""  # the command line, for the record
    dtype: str = "float32"  # of the exported weights
    samples: bool = False  # whether validations write samples to the run folder

    @property
    def given(self) -> list[str]:
        """Names of the options that were given and that not every stage takes."""
        alone = ("dataset", "source", "stimuli", "start", "backbone", "minutes")
        names = [name for name in alone if getattr(self, name) is not None]
        names += ["subject"] if self.subjects else []
        names += ["set"] if self.changes else []
        names += ["samples"] if self.samples else []
        return names + [name for name in RECIPE_FIELDS if self.recipe.get(name) is not None]

    @property
    def home(self) -> Path:
        """Where the run is kept: another place for every place where weights may go."""
        parts = [self.stage, *(subject_name(s) for s in self.subjects)]
        parts += [self.zoo] if self.zoo != DEFAULT else []
        parts += [hashlib.sha256(str(self.out.resolve()).encode()).hexdigest()[:8]] if self.out else []
        return Path(self.run_dir or runs_dir("-".join(parts)))
