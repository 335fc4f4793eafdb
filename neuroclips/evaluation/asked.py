"""What an evaluation is asked for: whose films, which clips and conditions, which protocols; and how that is typed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, fields

from neuroclips.clips import told_clips
from neuroclips.data.registry import load_dataset
from neuroclips.evaluation.conditions import ABLATIONS, CEILING, CONDITIONS, CONTROLS
from neuroclips.evaluation.films import Whose
from neuroclips.evaluation.permutation import PERMUTATIONS

DEFAULTS = {field.name: field.default for field in fields(Whose)}


@dataclass(frozen=True)
class Asked:
    """What to evaluate. clips : those of the full model. thinned : whether other films are made of some of them only.

    seed : of permutations and intervals; films are those of the settings, whose own seed is 0.
    """

    whose: Whose
    subjects: tuple[int, ...]
    clips: tuple[int, ...]
    protocols: tuple[str, ...] = ("paper",)
    ablations: bool = False
    controls: bool = False
    thinned: bool = True
    seed: int = 0
    n_permutations: int = PERMUTATIONS
    leaks: bool = True  # whether the leak card, and what else looks at all films, comes with the controls

    @property
    def conditions(self) -> Iterator[str]:
        """Those that are filmed, in the order of the table."""
        wanted = {"full", *(ABLATIONS if self.ablations else ()), *((*CONTROLS, CEILING) if self.controls else ())}
        return (name for name in CONDITIONS if name in wanted)

    def clips_of(self, name: str) -> tuple[int, ...]:
        """The clips of which a condition has films."""
        return self.clips[:: CONDITIONS[name].every] if self.thinned else self.clips

    @property
    def command(self) -> str:
        """How it is typed, but for where its own files go and on which device."""
        whose = self.whose
        names = {"zoo": whose.zoo, "dataset": whose.dataset, "source": whose.source}
        names["reconstructors"] = whose.reconstructors
        words = ["--subject", "all" if self._all_subjects else ",".join(map(str, self.subjects))]
        words += [word for name in self.protocols for word in ("--protocol", name)]
        words += [f"--{name}" for name in ("ablations", "controls") if getattr(self, name)]
        words += [] if self.thinned else ["--clips", told_clips(self.clips)]
        for name, value in names.items():
            words += [] if value == DEFAULTS[name] else [f"--{name}", str(value)]
        return shlex.join(["python", "-m", "neuroclips", "evaluate", *words, "--seed", str(self.seed)])

    @property
    def _all_subjects(self) -> bool:
        known = load_dataset(self.whose.dataset, self.whose.source).info.n_voxels
        return len(known) > 1 and sorted(known) == sorted(self.subjects)
