"""Every training stage by name; `run` trains one, resuming from its last checkpoint."""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import torch
from accelerate import PartialState

from neuroclips.configure import configure, expect_once
from neuroclips.disk import expect_folder
from neuroclips.effects import Only, expect_effect, flag
from neuroclips.errors import InputError
from neuroclips.paths import in_checkout
from neuroclips.reconstructors.weights import dtype_named
from neuroclips.simulation.subjects import NULL, subject_name
from neuroclips.train.engine import card
from neuroclips.train.engine.export import shrink
from neuroclips.train.engine.hold import held, refuse_held
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.loop import fit
from neuroclips.train.engine.recipe import Recipe, one_length
from neuroclips.train.names import STAGES
from neuroclips.train.order import Order
from neuroclips.train.reconstructors.study import open_study
from neuroclips.train.spec import Config, Given, StageSpec, recipe_of
from neuroclips.train.targets.encoders import folder_key, weights_key
from neuroclips.zoo import DEFAULT, Zoo, zoo_named

OF_ORDER = (  # chosen: an Order
    Only("stimuli", lambda order: order.dataset == "preprocessed", "with --dataset preprocessed"),
    Only("network", lambda order: order.backbone is None, "without --backbone, whose network it is"),
)

__all__ = ["STAGES", "Order", "run", "stage_named"]


def stage_named(name: str) -> StageSpec:
    """What a stage says about itself. Raises InputError with the stages that there are."""
    if name not in STAGES:
        raise InputError(f"got stage {name!r}, expected one of: {', '.join(STAGES)}")
    module, _, attribute = STAGES[name].partition(":")
    return getattr(import_module(f"neuroclips.train.{module}"), attribute)


def expect(order: Order) -> Config:
    """The config that is trained by. Raises InputError for what does not go together."""
    spec = stage_named(order.stage)
    _check(spec, order)
    return _config(spec, order)


def run(order: Order, zoo: Zoo | None = None, n_web: int | None = None, end: float | None = None) -> dict[str, object]:
    """Train a stage and export its weights; returns {"stage", "out", "scores"}.

    zoo : learnt from in place of the order's; n_web : see Given; end : of time.monotonic(), for a run by the clock
    whose seconds count from now on, with what is prepared. Raises InputError for what does not go together and
    for a run folder in which another process trains, MissingError for what is missing.
    """
    spec, zoo = stage_named(order.stage), zoo or zoo_named(order.zoo)
    config, outs = expect(order), _outs(spec, order, zoo)
    zoo = zoo.with_own(next(iter(outs.values())).parent.parent)  # what lies beside the subjects' folders
    for folder in (*outs.values(), order.home):
        expect_folder(folder)
    refuse_held(order.home)
    given = replace(_given(spec, order, zoo, config, outs), n_web=n_web)
    with held(order.home):
        scores = _train(spec, order, zoo, given, end)
    return {"stage": order.stage, "out": [str(out) for out in outs.values()], "scores": scores}


def _train(spec: StageSpec, order: Order, zoo: Zoo, given: Given, end: float | None) -> dict[str, float]:
    job, recipe = built(spec, given), recipe_of(given.config)
    if end:
        recipe = recipe.changed({"seconds": max(1.0, end - time.monotonic())})
    job.dtype = dtype_named(order.dtype)
    job.identity = {**_identity(spec, order, zoo, given.config), "web shots": given.n_web, **job.identity}
    scores = fit(job, recipe, order.home, resume=order.resume, samples=order.samples)
    for out in given.outs.values():
        _record(spec, order, out, recipe, scores, job)
    return scores


def built(spec: StageSpec, given: Given) -> Job:
    """The job of a stage; its initial weights are the seed's, whatever was drawn, loaded or cached before."""
    torch.manual_seed(recipe_of(given.config).seed)
    return spec.build(given)


def _check(spec: StageSpec, order: Order) -> None:
    spec.preset(order.zoo)
    spec.expect(order.given)
    if "subject" in spec.options and not order.subjects:
        raise InputError(f"stage {spec.name} trains on one subject's fMRI: add --subject 1")
    if len(order.subjects) > 1 and not spec.shared:
        raise InputError(f"got {len(order.subjects)} subjects for stage {spec.name}, expected one")
    given = {name: flag(name) for name in order.given}
    expect_effect(order, given | {name: f"--set {name}" for name in order.changes}, OF_ORDER)
    expect_once({f"recipe.{name}": flag(name) for name in order.recipe}, order.changes)
    if order.out is None and NULL in order.subjects:
        raise InputError("the null subject is a control and is not shipped: say where its weights go with --out")
    if order.out is None:
        spec.own_role()
        if not in_checkout():
            raise InputError("weights of an installed package are not overwritten: pass --out, a folder for new ones")
    dtype_named(order.dtype)


def _config(spec: StageSpec, order: Order) -> Config:
    """The preset of the zoo with what the order changes."""
    config = configure(_preset(spec, order.zoo), one_length(order.changes, "recipe."))
    expect_effect(config, {name: f"--set {name}" for name in order.changes}, spec.only)
    recipe = recipe_of(config).changed(order.recipe)
    asked = "batch_size" in order.recipe or "recipe.batch_size" in order.changes
    recipe = _shared(recipe, max(1, len(order.subjects)), asked)
    return recipe if isinstance(config, Recipe) else replace(config, recipe=recipe)


def _preset(spec: StageSpec, zoo: str) -> Config:
    preset = spec.preset(zoo)
    large = spec.large_batch if torch.accelerator.is_available() else None
    return preset.changed({"batch_size": large}) if large else preset


def _shared(recipe: Recipe, n_subjects: int, asked: bool) -> Recipe:
    """The recipe with a batch that subjects and processes can share; torchrun says how many these are.

    The preset's is rounded, with a warning. Raises InputError for one that was asked for and cannot be shared.
    """
    parts = n_subjects * recipe.accumulate * int(os.environ.get("WORLD_SIZE") or 1)
    if recipe.steps == 0 or recipe.batch_size % parts == 0:
        return recipe
    fits = max(1, recipe.batch_size // parts) * parts
    why = f"a multiple of {parts}, the subjects, processes and accumulated parts that share it"
    if asked:
        raise InputError(f"got batch size {recipe.batch_size}, expected {why}: set --batch-size {fits}")
    warnings.warn(f"the batch size {recipe.batch_size} of this stage is not {why}: {fits} is taken", stacklevel=2)
    return replace(recipe, batch_size=fits)


def _outs(spec: StageSpec, order: Order, zoo: Zoo) -> dict[int, Path]:
    """Folder of each subject's weights; one entry for stages without subjects. --out is the folder itself for one."""
    subjects = order.subjects or (NULL,)
    if order.out is None:
        return {s: zoo.part(spec.own_role()).of(s).folder for s in subjects}
    if len(subjects) == 1:
        return {subjects[0]: Path(order.out)}
    return {s: Path(order.out) / subject_name(s) / spec.name for s in subjects}


def _given(spec: StageSpec, order: Order, zoo: Zoo, config: Config, outs: dict[int, Path]) -> Given:
    study = None
    if "dataset" in spec.options:
        dataset = order.dataset or "simulated"
        study = open_study(dataset, order.source, order.subjects, zoo, order.minutes, order.stimuli)
    return Given(zoo, config, outs, study, order.source, order.start, order.backbone)


def _identity(spec: StageSpec, order: Order, zoo: Zoo, config: Config) -> dict[str, object]:
    """What a run must share with the one that it goes on from, besides data and network: all but the recipe."""
    inner = () if isinstance(config, Recipe) else fields(config)
    known: dict[str, object] = {f.name: repr(getattr(config, f.name)) for f in inner if f.name != "recipe"}
    known |= {"seed": recipe_of(config).seed, "minutes": order.minutes}
    for name in ("backbone", "start"):
        folder = getattr(order, name)
        known[name] = folder_key(folder) if folder else None
    return known | {role: weights_key(zoo.part(role)) for role in spec.needs}


def _record(spec: StageSpec, order: Order, out: Path, recipe: Recipe, scores: dict[str, float], job: Job) -> None:
    """Write how the weights came about; those that are shipped are rounded to take little room, and listed."""
    if not PartialState().is_main_process:
        return
    facts = {"bars": job.bars, "web shots, first and count": job.web_shots, "trained beside": dict(job.beside)}
    card.record(out, order.words, recipe, order.home, scores, order.start, facts)
    if order.zoo != DEFAULT or spec.role is None:
        return
    home = Path(zoo_named(order.zoo).part(spec.role).source)
    if home in out.resolve().parents:
        shrink(out)
        card.write_readme(home)
