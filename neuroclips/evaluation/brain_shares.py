"""The shares of many clips as one: the ratio of means, its interval, and the p of all films together."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from neuroclips.evaluation.brain_share import METRICS, NO_SCALE, Share
from neuroclips.evaluation.from_brain import FromBrain, common
from neuroclips.evaluation.intervals import ends, interval
from neuroclips.evaluation.own_truth import p_of


def over_clips(found: Sequence[FromBrain], seed: int = 0) -> dict[str, dict]:
    """By score: means of score, floor and ceiling, the share of these means with its interval, and p.

    The interval is that of a ratio of means to first order, as in numbers.shares; clips of one minute are drawn
    together. Clips of which floor, ceiling or score is not known or infinite are left out of the share, not of p; where
    only the ceiling is not above the floor a clip stays, or clips of low floors would be chosen.
    """
    scored = [one for one in found if one.shares]
    return {name: _over(name, scored, seed) for name in METRICS} if scored else {}


def _over(metric: str, found: Sequence[FromBrain], seed: int) -> dict:
    against = [one.rows[0].against for one in found]
    p = p_of([of for of in against if of], metric, seed)
    ranked = {"p": p, "n": len(found), "beats": {name: _beaten(metric, name, found) for name in _others(found)}}
    there = [(one.shares[metric], of.stretch) for one, of in zip(found, against, strict=True) if of]
    rows = np.array([_ends(share) for share, _ in there if _is_known(share)])
    ranked["n_of_share"] = len(rows)
    if not len(rows):
        why = ", ".join(dict.fromkeys(share.why for share, _ in there))
        return {"value": None, "ci": [None, None], "why": why} | ranked
    means = dict(zip(("score", "floor", "ceiling"), rows.mean(0).tolist(), strict=True))
    blocks = np.array([stretch for share, stretch in there if _is_known(share)])
    return means | _ratio(rows, blocks, seed) | ranked


def _ends(share: Share) -> tuple[float | None, ...]:
    return share.score, share.floor, share.ceiling


def _is_known(share: Share) -> bool:
    return all(value is not None and isfinite(value) for value in _ends(share))


def _ratio(rows: np.ndarray, blocks: np.ndarray, seed: int) -> dict:
    """Of rows (n, 3): score, floor, ceiling."""
    at, low, high = rows.T
    scale = (high - low).mean()
    if not np.isfinite(scale) or scale <= 0:
        return {"value": None, "ci": [None, None], "why": NO_SCALE}
    share = float((at - low).mean() / scale)
    around = interval(share + (at - low - share * (high - low)) / scale, blocks, seed)
    return {"value": share, **ends(around)}


def _others(found: Sequence[FromBrain]) -> list[str]:
    return [row.name for row in found[0].rows[1:]]


def _beaten(metric: str, name: str, found: Sequence[FromBrain]) -> float:
    """Share of the clips whose real film scores above another row's."""
    return float(np.mean([name in one.shares[metric].beats for one in found]))


def record(found: Sequence[FromBrain], table: dict[str, dict]) -> dict:
    """from_brain.json of many clips: what all have in common, the clips, and the shares of `over_clips`."""
    shared = {name: value for name, value in common(found[0]).items() if name != "clip"}
    return shared | {"clips": [one.request.clip for one in found], "shares": table}


def lines(table: dict[str, dict]) -> list[str]:
    """One line for every score, for a terminal."""
    return [f"  {name:12} {_told(one)}, p = {one['p']:.2g} ({one['n']} clips)" for name, one in table.items()]


def _told(one: dict) -> str:
    if one["value"] is None:
        return f"no share: {one['why']}"
    low, high = one["ci"]
    around = f"[{100 * low:.0f}, {100 * high:.0f}]" if low is not None else f"no interval: {one['why']}"
    some = f" of {one['n_of_share']} clips" if one["n_of_share"] < one["n"] else ""
    return f"share{some} {100 * one['value']:4.0f} % {around}"
