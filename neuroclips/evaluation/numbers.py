"""From scores of clips to the numbers of a report: each with its interval, differences, and shares of the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuroclips.evaluation.conditions import CEILING, CONDITIONS
from neuroclips.evaluation.intervals import difference, ends, interval, pooled
from neuroclips.evaluation.rows import Rows, Shuffled
from neuroclips.metrics.registry import METRICS

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


def conditions(table: Table, minutes: np.ndarray, seed: int) -> dict:
    """Of every condition, each score with its interval and the spread of its clips.

    minutes : (n_clips,) of the whole dataset, the minute of film of each clip (tokens.runs_of): clips of one resemble
    each other, and are drawn together.
    """
    return {name: _head(name, one) | {"metrics": _metrics(one, minutes, seed)} for name, one in table.items()}


def _head(name: str, scored: Scored) -> dict:
    return {"n": len(scored.clips), "kind": CONDITIONS[name].kind, "precomputed": scored.precomputed}


def _metrics(scored: Scored, minutes: np.ndarray, seed: int) -> dict:
    blocks = minutes[list(scored.clips)]
    found = {name: interval(rows, blocks, seed) for name, rows in scored.rows.items() if _known(rows).any()}
    return {name: {"value": at.value, **ends(at), "sd": at.sd} for name, at in found.items()}


def differences(table: Table, minutes: np.ndarray, seed: int) -> dict:
    """What the full model scores more than each film that is made in another way, on the clips that both have."""
    return {name: _less([table], name, minutes, seed) for name in _made(table)}


def _made(table: Table) -> list[str]:
    return [name for name in table if CONDITIONS[name].filmed and name != "full"]


def _less(tables: Sequence[Table], name: str, minutes: np.ndarray, seed: int) -> dict:
    """Of one subject, or of the mean over some; without metrics that no clip has of both."""
    pairs = [(table["full"], table[name]) for table in tables]
    clips, found = common(*(one for pair in pairs for one in pair)), {}
    for metric in pairs[0][0].rows:
        if not all(metric in one.rows for pair in pairs for one in pair):
            continue
        full, other = (np.stack([pair[side].on(metric, clips) for pair in pairs]) for side in (0, 1))
        if _known(full + other).any():
            at = difference(full, other, minutes[clips], seed)
            found[metric] = {"value": at.value, **ends(at), "p": at.p, "n": at.n}
    return found


def _known(rows: np.ndarray) -> np.ndarray:
    """Which clips have a score, of each of some subjects."""
    return ~np.isnan(np.atleast_2d(rows)).any(0)


def common(*scored: Scored) -> list[int]:
    """The clips that all of these have."""
    return sorted(set.intersection(*(set(one.clips) for one in scored)))


def permutation(found: Mapping[str, Shuffled]) -> dict:
    """The nulls of truths that are shifted within their minute of film."""
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
    """Of every clip, the p of its own film: the share of the truths of its minute of film that it fits as well.

    Without metrics that a clip has no score of.
    """
    fine = {name: one.p for name, one in found.items() if not np.isnan(one.p).any() and one.p.min() < FINE}
    return {name: [round(value, 4) for value in p.tolist()] for name, p in fine.items()}


def shares(table: Table, minutes: np.ndarray, seed: int) -> dict:
    """Where the full model stands between the best floor that needs no brain, 0, and the ceiling, 1:

        share = (full - floor) / (ceiling - floor)

    Its interval is that of a ratio of means to first order: of full - floor - share * (ceiling - floor), over the mean
    of ceiling - floor. Where the ceiling is not surely above the floor, because 0 is in the interval of what it is
    above it, there is no share: a ratio to what may be nothing can be anything.
    """
    if CEILING not in table:
        return {}
    found = {name: _share(name, table, minutes, seed) for name in table["full"].rows}
    return {name: share for name, share in found.items() if share}


def _share(metric: str, table: Table, minutes: np.ndarray, seed: int) -> dict | None:
    floors = [name for name, of in table.items() if _is_brainless(name) and metric in of.rows]
    if not floors or metric not in table[CEILING].rows:
        return None
    clips = common(table["full"], table[CEILING], *(table[name] for name in floors))
    rows = {name: table[name].on(metric, clips) for name in ("full", CEILING, *floors)}
    known = ~np.isnan(np.stack(list(rows.values()))).any(0)
    if not known.any():
        return _no_share(None, "no clip has a score of the model, of the ceiling and of all floors")
    rows, blocks = {name: of[known] for name, of in rows.items()}, minutes[clips][known]
    sign = 1 if METRICS[metric].about.higher_is_better else -1
    floor = max(floors, key=lambda name: sign * rows[name].mean())
    at, low, high = (rows[name] for name in ("full", floor, CEILING))
    if not np.isfinite([at, low, high]).all():
        return _no_share(floor, "a score is infinite")
    scale, why = (high - low).mean(), _no_scale(sign * (high - low), blocks, seed)
    if why:
        return _no_share(floor, why)
    share = (at - low).mean() / scale
    around = interval((at - low - share * (high - low)) / scale, blocks, seed)
    return {"value": share, "ci": [share + around.low, share + around.high], "floor": floor, "n": len(at)}


def _is_brainless(name: str) -> bool:
    """Whether it is a floor of what is known without a brain."""
    return CONDITIONS[name].kind == "floor" and not CONDITIONS[name].decoded


def _no_share(floor: str | None, why: str) -> dict:
    return {"value": None, "ci": [None, None], "floor": floor, "why": why}


def _no_scale(above: np.ndarray, blocks: np.ndarray, seed: int) -> str:
    """Why what the ceiling is above the floor, (n_clips,), is no scale; empty where it is one."""
    found = interval(above, blocks, seed)
    if found.why:
        return found.why
    if found.value <= 0:
        return "the ceiling is not above this floor"
    return (
        "" if found.low > 0 else "the ceiling is not surely above this floor: the interval of its distance includes 0"
    )


def over_subjects(tables: Sequence[Table], minutes: np.ndarray, seed: int) -> dict:
    """Conditions, differences of all subjects together: the mean, its interval, and the spread over subjects as sd."""
    names = [name for name in tables[0] if all(name in table for table in tables)]
    heads = {name: _pooled([table[name] for table in tables], name, minutes, seed) for name in names}
    made = [name for name in _made(tables[0]) if name in names]
    return {"conditions": heads, "differences": {name: _less(tables, name, minutes, seed) for name in made}}


def _pooled(scored: Sequence[Scored], name: str, minutes: np.ndarray, seed: int) -> dict:
    clips, metrics = common(*scored), {}
    for metric in scored[0].rows:
        if not all(metric in one.rows for one in scored):
            continue
        rows = np.stack([one.on(metric, clips) for one in scored])
        if _known(rows).any():
            at = pooled(rows, minutes[clips], seed)
            metrics[metric] = {"value": at.value, **ends(at), "sd": at.sd, "each": list(at.each)}
    head = {"n": len(clips), "kind": CONDITIONS[name].kind, "precomputed": all(one.precomputed for one in scored)}
    return head | {"metrics": metrics}
