"""What was chosen for a training run, the folder it is kept in, and the command that it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from neuroclips.errors import InputError
from neuroclips.files import write_json
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.meta import is_complete, read_meta
from neuroclips.ranges import Checked, Number, Range
from neuroclips.reading import read_json
from neuroclips.ui.offered import FEWEST, HIGHEST, LOWEST, MOST, offered, presets, subjects

RECORD = "run.json"
SAVE_EVERY = 15  # [s]: no more is lost by Stop
VALIDATIONS = 10  # of a run, at least every VALIDATE_AT_LEAST steps
VALIDATE_AT_LEAST = 10


@dataclass(frozen=True)
class Choices(Checked):
    """What a visitor chose; source : the folder of a dataset that `preprocess` made, empty for the simulated one.

    steps and learning_rate : none for what is solved at once. Raises InputError for what cannot be trained.
    """

    stage: str
    subject: Number
    steps: Annotated[int, Range(FEWEST, MOST)] | None = None
    learning_rate: Annotated[float, Range(LOWEST, HIGHEST)] | None = None
    source: str = ""

    def __post_init__(self):
        super().__post_init__()
        offered(self.stage)
        if self.has_steps and self.steps is None:
            raise InputError(f"got no steps for {self.stage}, expected {FEWEST} to {MOST}")
        there = self.subjects()
        if self.subject not in there:
            raise InputError(f"got subject {self.subject}, expected one of {', '.join(map(str, there))}")

    @property
    def has_steps(self) -> bool:
        """Whether it is trained step by step, or solved at once."""
        return bool(presets(self.stage, self.subject))

    def subjects(self) -> list[int]:
        """Those of the dataset. Raises InputError for a folder that holds none."""
        return folder_subjects(self.source) if self.source else subjects()

    @property
    def title(self) -> str:
        steps = f", {self.steps} steps" if self.has_steps else ""
        return f"{offered(self.stage).title}, subject {self.subject}{steps}"

    def words(self) -> list[str]:
        """The options of `python -m neuroclips train` that say it."""
        words = ["--stage", offered(self.stage).stage, "--subject", str(self.subject), *offered(self.stage).words]
        words += ["--dataset", "preprocessed", "--source", self.source] if self.source else []
        words += ["--steps", str(self.steps)] if self.has_steps else []
        return words + (["--learning-rate", f"{self.learning_rate:g}"] if self.learning_rate else [])


def folder_subjects(source: str) -> list[int]:
    """Subjects of a folder that `preprocess` or `simulate --out` wrote. Raises InputError when it is none."""
    folder = Path(source).expanduser()
    homes = [home for home in (folder, *sorted(folder.glob("*"))) if is_complete(home)] if folder.is_dir() else []
    if not homes:
        raise InputError(f"got {source!r:.200}, expected a folder that `python -m neuroclips preprocess` has finished")
    return [int("".join(filter(str.isdigit, str(read_meta(home)["subject"]))) or 0) for home in homes]


@dataclass(frozen=True)
class Record:
    """A run as it is kept; name : of its folder; owner : who started it, hashed; state : running, done, ..."""

    name: str
    choices: Choices
    owner: str
    state: str = "running"

    @classmethod
    def new(cls, choices: Choices, owner: str) -> Record:
        """With a name of its own, after stage, subject and time."""
        return cls(f"{choices.stage}-subject{choices.subject}-{time.strftime('%Y%m%d-%H%M%S')}", choices, owner)

    @property
    def folder(self) -> Path:
        return runs_folder() / self.name

    @property
    def weights(self) -> Path:
        """What `reconstruct --reconstructors` takes."""
        return self.folder / "weights"

    @property
    def out(self) -> Path:
        return self.weights / f"subject{self.choices.subject}" / offered(self.choices.stage).stage

    def command(self, resume: bool) -> list[str]:
        """The process that is started."""
        words = ["--run-dir", str(self.folder), "--out", str(self.out), *([] if resume else ["--no-resume"])]
        if self.choices.has_steps:
            every = max(VALIDATE_AT_LEAST, (self.choices.steps or 0) // VALIDATIONS)
            words += ["--samples", "--set", f"recipe.save_every={SAVE_EVERY}"]
            words += ["--set", f"recipe.validate_every={every}"]
        return [sys.executable, "-m", "neuroclips", "train", *self.choices.words(), *words]

    def save(self) -> None:
        write_json(self.folder / RECORD, asdict(self))

    def ended(self, state: str) -> Record:
        """The same run in another state, written down."""
        record = replace(self, state=state)
        record.save()
        return record


def runs_folder() -> Path:
    return cache_dir("training")


def records() -> list[Record]:
    """Runs that are kept, the latest first; folders that hold none are passed over."""
    found = []
    for path in sorted(runs_folder().glob(f"*/{RECORD}"), key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            kept: dict[str, Any] = read_json(path)
            found.append(Record(path.parent.name, Choices(**kept["choices"]), kept["owner"], kept["state"]))
        except (InputError, KeyError, TypeError):  # written by another version, or its dataset is no more
            continue
    return found


def shown_command(words: Sequence[str]) -> str:
    """A command as one types it."""
    return "python -m neuroclips train " + " ".join(f'"{word}"' if " " in word else word for word in words)
