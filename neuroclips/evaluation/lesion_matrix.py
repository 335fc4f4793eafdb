"""The lesion matrix: what every group of areas is worth to every step, with intervals, beside what is true of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from neuroclips import __version__
from neuroclips.brain.regions import GROUPS, rows_of
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.evaluation.intervals import Difference, difference
from neuroclips.evaluation.lesions import (
    INTACT,
    ONLY,
    RANDOM,
    REGIONS,
    STEPS,
    TOGETHER,
    WHOLE,
    Lesioned,
    LesionPlan,
    Scores,
    made_with,
    rows,
)
from neuroclips.evaluation.stored import rounded
from neuroclips.evaluation.tokens import runs_of
from neuroclips.files import to_json, whole_file
from neuroclips.paths import ASSETS

FOLDER = ASSETS / "lesions"
JSON, CSV = "lesions.json", "lesions.csv"
SCHEMA = 1
SPOT = (INTACT, "V1", WHOLE)
SEEING = ("V1", "V2", "V3", "V4", "dorsal", "MT complex")  # groups of areas that see motion energy and colour
KNOWING = tuple(name for name in GROUPS if name not in SEEING)  # and of those that see what is in the picture
MEANT = {"blurry_pixel_correlation": "blurry video", "token_correlation": "brain tokens"}  # what each is about
COLUMNS = ("intact", "lesioned", "drop", "low", "high", "p", "n", "per_100", "random", "beyond", "beyond_p", "only")
Values = dict[str, np.ndarray]  # of a condition, (n_subjects, n_clips)
Cells = Mapping[str, Mapping[str, Any]]


def matrix(plan: LesionPlan, command: str = "") -> dict[str, Any]:
    """The report of a plan, after what lacks was decoded: cells by metric and region, of each subject and the mean."""
    found, voxels = rows(plan), {s: Lesioned(s, plan.silence).voxels() for s in plan.subjects}
    blocks = runs_of(SimulatedDataset())[1]

    def cells(subjects: Sequence[int]) -> dict[str, dict[str, dict]]:
        sizes = {name: np.array([voxels[s][name] for s in subjects]) for name in REGIONS}
        known = {metric: _values(found, subjects, metric) for metric in STEPS}
        return {metric: _cells(*values, blocks, sizes) for metric, values in known.items() if values}

    report = {
        "schema": SCHEMA,
        "version": __version__,
        "made": {**made_with(plan), "command": command},
        "steps": {name: step for name, step in STEPS.items() if _values(found, plan.subjects, name)},
        "groups": list(REGIONS),
        "whole": WHOLE,
        "subjects": {str(s): {"voxels": _only(voxels[s], REGIONS), "cells": cells([s])} for s in plan.subjects},
        "mean": cells(plan.subjects),
        "truth": agreement(found, plan.subjects, blocks),
        "spot": _spot(found, plan),
    }
    return rounded(report)


def _spot(found: Mapping[tuple[int, int], Scores], plan: LesionPlan) -> dict[str, Any]:
    """Some scores of one clip, by which it shows whether the numbers are those of the models that there are."""
    subject, (clip, _) = plan.subjects[0], next(iter(plan.depths()))
    scores = {m: _only(of, SPOT) for m, of in found[subject, clip].items() if STEPS[m] == STEPS["blurry_ssim"]}
    return {"subject": subject, "clip": clip, "scores": scores}


def _only(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _values(
    found: Mapping[tuple[int, int], Scores], subjects: Sequence[int], metric: str
) -> tuple[Values, np.ndarray] | None:
    """Scores of a metric by condition, and the clips (n_clips,) that all subjects have them of; None where none is."""
    clips = [clip for clip in range(300) if all(metric in found.get((s, clip), {}) for s in subjects)]
    if not clips:
        return None
    names = found[subjects[0], clips[0]][metric]
    return {n: np.array([[found[s, c][metric][n] for c in clips] for s in subjects]) for n in names}, np.array(clips)


def _cells(values: Values, clips: np.ndarray, blocks: np.ndarray, sizes: Mapping[str, np.ndarray]) -> dict[str, dict]:
    return {name: _cell(values, name, blocks[clips], sizes[name]) for name in REGIONS}


def _cell(values: Values, name: str, blocks: np.ndarray, sizes: np.ndarray) -> dict[str, Any]:
    """What silencing a region costs: sizes (n_subjects,) in voxels."""
    intact, lesioned = values[INTACT], values[name]
    drop = difference(intact, lesioned, blocks)
    each = (intact - lesioned).mean(1) / np.maximum(sizes, 1) * 100  # (n_subjects,)
    cell = {"intact": float(intact.mean()), "lesioned": float(lesioned.mean()), "per_100": float(each.mean())}
    cell |= {"drop": drop.value, **_ends(drop), "p": drop.p, "n": drop.n}
    if RANDOM + name in values:
        beyond = difference(values[RANDOM + name], lesioned, blocks)
        random = float((intact - values[RANDOM + name]).mean())
        cell |= {"random": random, "beyond": beyond.value, "beyond_p": beyond.p}
    if ONLY + name in values:
        cell["only"] = float((values[ONLY + name] - values[WHOLE]).mean())
    return cell


def _ends(found: Difference) -> dict[str, float]:
    return {} if found.why else {"low": found.low, "high": found.high}


def agreement(found: Mapping[tuple[int, int], Scores], subjects: Sequence[int], blocks: np.ndarray) -> dict[str, Any]:
    """What the matrix says of the simulated brains, whose truth is known, in numbers and in sentences.

    Of the twelve groups, six see motion energy and colour (V1 to V4, dorsal, MT complex) and six see what is in the
    picture (simulation.areas). apart : by how much the first six, each silenced alone, cost a step more than the
    others in all. pair : by how much V1 to V3 together cost it more than the category selective areas together.
    shares : of what the whole brain is worth to a step. by_truth : rank correlation, over the twelve groups, of what
    one costs with the true signal of its voxels, of vision for the blurry video and of meaning for the tokens.
    """
    apart, pair, shares = {}, {}, {}
    for metric in MEANT:
        if not (known := _values(found, subjects, metric)):
            continue
        values, clips = known
        sees, knows = (np.sum([values[name] for name in names], 0) for names in (SEEING, KNOWING))
        apart[metric] = _more(sees, knows, blocks[clips])
        pair[metric] = _more(values[TOGETHER[0]], values[TOGETHER[1]], blocks[clips])
        whole = float((values[INTACT] - values[WHOLE]).mean())
        shares[metric] = {name: float((values[INTACT] - values[name]).mean()) / whole for name in REGIONS}
    said = _said(apart, pair, shares)
    return {"apart": apart, "pair": pair, "shares": shares, "by_truth": by_truth(found, subjects), "said": said}


def _more(lesioned: np.ndarray, other: np.ndarray, blocks: np.ndarray) -> dict[str, Any]:
    """By how much the first lesion costs more than the other, from scores (n_subjects, n_clips)."""
    more = difference(other, lesioned, blocks)
    return {"value": more.value, **_ends(more), "p": more.p, "n": more.n}


def by_truth(found: Mapping[tuple[int, int], Scores], subjects: Sequence[int]) -> dict[str, dict[str, float]]:
    """By subject and metric Spearman's rho of the costs of groups with their true signal."""
    from scipy.stats import spearmanr

    groups = list(GROUPS)
    rho: dict[str, dict[str, float]] = {}
    for subject in subjects:
        truth = dict(zip(MEANT, true_signal(subject, groups), strict=True))
        for metric, signal in truth.items():
            if known := _values(found, [subject], metric):
                costs = [(known[0][INTACT] - known[0][name]).mean() for name in groups]
                rho.setdefault(str(subject), {})[metric] = float(spearmanr(costs, signal).statistic)
    return rho


def true_signal(subject: int, groups: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Of each group the signal of vision and of meaning, (n_groups,) each: sum over its voxels of squared SNR."""
    from neuroclips.simulation.areas import EARLY, MOTION, SEMANTIC
    from neuroclips.simulation.subjects import draw_truth

    index, power = SimulatedDataset().vertex_index(subject), draw_truth(subject).snr.astype(float) ** 2
    sees, knows = (rows_of(list(areas)) for areas in ({**EARLY, **MOTION}, SEMANTIC))
    masks = [rows_of(REGIONS[name]) for name in groups]
    vision, meaning = (np.array([power[index[(m & of)[index]]].sum() for m in masks]) for of in (sees, knows))
    return vision, meaning


def _said(apart: Cells, pair: Cells, shares: Mapping[str, Mapping[str, float]]) -> list[str]:
    lines = []
    for metric, of in apart.items():
        share = shares[metric]
        sees, knows = (100 * sum(share[name] for name in names) for names in (SEEING, KNOWING))
        first, second = (100 * share[name] for name in TOGETHER)
        lines.append(
            f"Of what the whole brain is worth to the {MEANT[metric]}, the six groups that see motion and colour cost "
            f"{sees:.1f} % and the six that see what is in the picture {knows:.1f} %, each group silenced alone "
            f"(difference {of['value']:.3f}, p = {of['p']:.3f}); {TOGETHER[0]} together {first:.1f} %, {TOGETHER[1]} "
            f"areas {second:.1f} % (difference {pair[metric]['value']:.3f}, p = {pair[metric]['p']:.3f})."
        )
    return lines


def write(report: Mapping[str, Any], out: Path) -> None:
    """lesions.json, and lesions.csv with a row for each subject, metric and region."""
    with whole_file(out / JSON) as partial:
        partial.write_text(to_json(report) + "\n", encoding="utf-8")
    with whole_file(out / CSV) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["subject", "step", "metric", "silenced", "voxels", *COLUMNS])
        of = {**{s: known["cells"] for s, known in report["subjects"].items()}, "mean": report["mean"]}
        for who, cells in of.items():
            for metric, row in cells.items():
                for name, cell in row.items():
                    n = "" if who == "mean" else report["subjects"][who]["voxels"][name]
                    lines.writerow([who, report["steps"][metric], metric, name, n, *(cell.get(c, "") for c in COLUMNS)])
