"""From scores of clips to the numbers of a report: each with its interval, differences, and shares of the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuroclips.evaluation.conditions import CEILING, CONDITIONS
from neuroclips.evaluation.intervals import difference, interval, pooled
from neuroclips.evaluation.rows import Rows, Shuffled
from neuroclips.metrics.registry import METRICS

BLOCK = 30  # clips: one minute of a film, whose clips are drawn together, for they resemble each other
FINE = 0.05  # a p that no clip can reach, because it was compared with a few others alone, is not told


@dataclass(frozen=True)
class Scored:
    """Of one condition: its clips and, of each metric, their scores; precomputed : whether its films ship."""

    clips: tuple[int, ...]
    rows: Rows
    precomputed: bool = False

    def on(self, name: str, clips: Sequence[int]) -> np.ndarray:
        """Scores (n,) of some of the clips."""
        place = {clip: row for row, clip in enumerate(self.clips)}
        return self.rows[name][[place[clip] for clip in clips]]


Table = Mapping[str, Scored]  # by condition, of one subject under one protocol


def blocks(clips: Sequence[int]) -> np.ndarray:
    """The minute (n,) that each clip is of; a film has whole ones."""
    return np.asarray(clips) // BLOCK


def conditions(table: Table, seed: int) -> dict:
    """Of every condition, each score with its interval and the spread of its clips."""
    return {name: _head(name, scored) | {"metrics": _metrics(scored, seed)} for name, scored in table.items()}


def _head(name: str, scored: Scored) -> dict:
    return {"n": len(scored.clips), "kind": CONDITIONS[name].kind, "precomputed": scored.precomputed}


def _metrics(scored: Scored, seed: int) -> dict:
    found = {name: interval(rows, blocks(scored.clips), seed) for name, rows in scored.rows.items()}
    return {name: {"value": at.value, "ci": [at.low, at.high], "sd": at.sd} for name, at in found.items()}


def differences(table: Table, seed: int) -> dict:
    """What the full model scores more than each film that is made in another way, on the clips that both have."""
    made = [name for name in table if CONDITIONS[name].filmed and name != "full"]
    return {name: _less(table["full"], table[name], seed) for name in made}


def _less(full: Scored, other: Scored, seed: int) -> dict:
    clips = common(full, other)
    found = {
        name: difference(full.on(name, clips), other.on(name, clips), blocks(clips), seed)
        for name in full.rows.keys() & other.rows.keys()
    }
    return {
        name: {"value": at.value, "ci": [at.low, at.high], "p": at.p, "n": at.n}
        for name in full.rows
        if (at := found.get(name))
    }


def common(*scored: Scored) -> list[int]:
    """The clips that all of these have."""
    return sorted(set.intersection(*(set(one.clips) for one in scored)))


def permutation(found: Mapping[str, Shuffled]) -> dict:
    """The nulls of clips shuffled within their film."""
    return {
        name: {
            "mean": one.null.mean,
            "sd": one.null.sd,
            "z": one.null.z,
            "p": one.null.p,
            "n_permutations": one.null.n,
            "counts": list(one.null.counts),
            "edges": list(one.null.edges),
        }
        for name, one in found.items()
    }


def of_clips(found: Mapping[str, Shuffled]) -> dict:
    """Of every clip, the p of its own film: in how many of the truths of its part of the film it fits as well."""
    return {name: [round(p, 4) for p in one.p.tolist()] for name, one in found.items() if one.p.min() < FINE}


def shares(table: Table, seed: int) -> dict:
    """Where the full model stands between the best of the floors, 0, and the ceiling, 1:

        share = (full - floor) / (ceiling - floor)

    Its interval is that of a ratio of means to first order: of full - floor - share * (ceiling - floor), over the mean
    of ceiling - floor. Where the ceiling is not above the floor, as of what only measures smoothness, there is none.
    """
    if CEILING not in table:
        return {}
    found = {name: _share(name, table, seed) for name in table["full"].rows}
    return {name: share for name, share in found.items() if share}


def _share(metric: str, table: Table, seed: int) -> dict | None:
    floors = [name for name in table if CONDITIONS[name].kind == "floor" and metric in table[name].rows]
    if not floors or metric not in table[CEILING].rows:
        return None
    clips = common(table["full"], table[CEILING], *(table[name] for name in floors))
    sign = 1 if METRICS[metric].about.higher_is_better else -1
    floor = max(floors, key=lambda name: sign * table[name].on(metric, clips).mean())
    at, low, high = (table[name].on(metric, clips) for name in ("full", floor, CEILING))
    scale = (high - low).mean()
    if not (np.isfinite(scale) and sign * scale > 0):
        return {"value": None, "ci": [None, None], "floor": floor, "why": "the ceiling is not above this floor"}
    share = (at - low).mean() / scale
    around = interval((at - low - share * (high - low)) / scale, blocks(clips), seed)
    return {"value": share, "ci": [share + around.low, share + around.high], "floor": floor, "n": len(clips)}


def over_subjects(tables: Sequence[Table], seed: int) -> dict:
    """Conditions, differences of all subjects together: the mean, its interval, and the spread over subjects as sd."""
    names = [name for name in tables[0] if all(name in table for table in tables)]
    heads = {name: _pooled_condition(name, [table[name] for table in tables], seed) for name in names}
    made = [name for name in names if CONDITIONS[name].filmed and name != "full"]
    return {"conditions": heads, "differences": {name: _pooled_less(name, tables, seed) for name in made}}


def _pooled_condition(name: str, scored: Sequence[Scored], seed: int) -> dict:
    clips = common(*scored)
    metrics = {}
    for metric in scored[0].rows:
        at = pooled(np.stack([one.on(metric, clips) for one in scored]), blocks(clips), seed)
        metrics[metric] = {"value": at.value, "ci": [at.low, at.high], "sd": at.sd, "each": list(at.each)}
    head = {"n": len(clips), "kind": CONDITIONS[name].kind, "precomputed": all(one.precomputed for one in scored)}
    return head | {"metrics": metrics}


def _pooled_less(name: str, tables: Sequence[Table], seed: int) -> dict:
    clips = common(*(table[of] for table in tables for of in ("full", name)))
    found = {}
    for metric in tables[0]["full"].rows:
        full, other = (np.stack([table[of].on(metric, clips) for table in tables]) for of in ("full", name))
        at = difference(full, other, blocks(clips), seed)
        found[metric] = {"value": at.value, "ci": [at.low, at.high], "p": at.p, "n": at.n}
    return found
