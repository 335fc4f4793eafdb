"""What a stage says about itself: its configs, what it learns from, what it may be told, where its weights go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from neuroclips.effects import Only, flag
from neuroclips.errors import InputError
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe
from neuroclips.train.reconstructors.study import Study
from neuroclips.zoo import Zoo

# options of `python -m neuroclips train`, by what takes them
COMMON = ("zoo", "out", "run_dir", "resume", "dtype")
RECIPE = ("steps", "epochs", "seconds", "batch_size", "learning_rate", "accumulate", "mixed_precision")
STUDY = ("dataset", "source", "stimuli", "minutes")
SET = ("set",)
SHOWN = ("samples",)  # of jobs that show some of the validation films
GIVEN = "where neither data nor zoo say it"

Config: TypeAlias = Any  # frozen, of the stage's own class, with a recipe in it; or the recipe alone


@dataclass(frozen=True)
class Given:
    """What the builder of a job is given: only what the stage takes is set.

    outs : folder of each subject's weights, one entry for a stage without subjects; config : of the stage's presets;
    n_web : web shots to learn from, where not as many as the stage's own.
    """

    zoo: Zoo
    config: Config
    outs: Mapping[int, Path]
    study: Study | None = None
    source: Path | None = None
    start: Path | None = None
    backbone: Path | None = None
    n_web: int | None = None

    @property
    def out(self) -> Path:
        """The only folder."""
        (folder,) = self.outs.values()
        return folder

    @property
    def needed_study(self) -> Study:
        """The study of a stage that takes a dataset. Raises InputError when none is given."""
        if self.study is None:
            raise InputError("got no study, expected one: name a dataset for a stage that learns from fMRI")
        return self.study


@dataclass(frozen=True)
class StageSpec:
    """One stage, declared beside its job.

    presets : by zoo, a Config. role : of the zoo, whose place its
    weights take, None for what is no part of a zoo. needs : roles that it learns from; with them a run changes.
    options : those that it takes besides COMMON; only : fields of its config that do not always have an effect.
    shared : several subjects can be trained together. large_batch : of the preset on an accelerator, which small ones
    would leave idle.
    """

    name: str
    build: Callable[[Given], Job]
    presets: Mapping[str, Config]
    role: str | None
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = RECIPE
    only: tuple[Only, ...] = ()
    shared: bool = False
    large_batch: int | None = None

    def preset(self, zoo: str) -> Config:
        """The config for a zoo. Raises InputError with the zoos that the stage is for."""
        if zoo not in self.presets:
            raise InputError(f"got --zoo {zoo} for stage {self.name}, expected one of: {', '.join(self.presets)}")
        return self.presets[zoo]

    def own_role(self) -> str:
        """The role whose place the weights take. Raises InputError for a stage that makes no part of a zoo."""
        if self.role is None:
            raise InputError(f"stage {self.name} makes no part of a zoo: say where its weights go with --out")
        return self.role

    def expect(self, given: list[str]) -> None:
        """Raises InputError for an option that the stage would not use."""
        unused = [name for name in given if name not in (*self.options, *COMMON)]
        if unused:
            known = ", ".join(map(flag, (*self.options, *COMMON)))
            raise InputError(
                f"got {flag(unused[0])}, which stage {self.name} does not use, expected some of: {known}; leave it out"
            )


def recipe_of(config: Config) -> Recipe:
    """The recipe in a config, or that is one."""
    return config if isinstance(config, Recipe) else config.recipe
