"""Scores of two folders as a table: each beside its interval, its direction, chance, and floors that know little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from neuroclips.evaluation.every_pair import Pairwise
from neuroclips.evaluation.intervals import Difference, Interval, difference, ends, interval
from neuroclips.evaluation.part import FLOORS, Part, joined_kinds
from neuroclips.evaluation.permutation import Null, null, score_pairs
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import served
from neuroclips.metrics.see import JUDGED

DIGITS = 5
HEAD = ("", "score", "95 % interval", *FLOORS, "shuffled", "chance", "z", "p", "better")


@dataclass(frozen=True)
class MetricScore:
    """value : of the films. floors : "flat" and "frozen" films. above : films less the flat ones, in pairs.

    shuffled : None for a metric that never looks at the truth.
    """

    value: Interval
    floors: Mapping[str, float]
    above: Difference
    shuffled: Null | None
    chance: float | None


@dataclass(frozen=True)
class FolderTable:
    """Scores of n_pairs by name of the metric, and all that they depend on."""

    protocol: Protocol
    judge: str
    n_pairs: int
    size: tuple[int, int]  # height and width of scored frames
    n_films: int  # that names tell apart; clips are shuffled within them
    n_blocks: int  # of clips that are resampled together
    part: int  # clips among which each is shuffled, at most
    notes: list[str] = field(default_factory=list)
    metrics: dict[str, MetricScore] = field(default_factory=dict)

    def record(self) -> dict:
        """As JSON."""
        return {
            "protocol": self.protocol.name,
            "judge": self.judge,
            "n_pairs": self.n_pairs,
            "size": list(self.size),
            "frames": len(self.protocol.moments),
            "films": self.n_films,
            "blocks": self.n_blocks,
            "shuffled_among": self.part,
            "metrics": {name: self._metric(name, scored) for name, scored in self.metrics.items()},
            "left_out": self._left_out(),
            "oddities": list(self.protocol.notes),
            "notes": self.notes,
        }

    def lines(self) -> list[str]:
        """For a terminal; no score stands alone."""
        height, width = self.size
        head = f"{self.n_pairs} pairs under protocol {self.protocol.name}: {len(self.protocol.moments)} frames of each "
        rows = [HEAD, *(self._row(name, scored) for name, scored in self.metrics.items())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        lacking = self._left_out()
        without = [
            f"not scored: {', '.join(name for name in lacking if lacking[name] == why)}: {why}"
            for why in dict.fromkeys(lacking.values())
        ]
        return [f"{head}at {width} x {height}, judge {self.judge}", *table, *self._legend(), *without, *self.notes]

    def _legend(self) -> list[str]:
        films = f"within {self.n_films} films" if self.n_films > 1 else "within all"
        return [
            f"interval: of the mean, {self.n_blocks} blocks of neighbouring clips resampled",
            "flat: the mean colour of the true film; frozen: the first scored frame of the film, all the time",
            f"shuffled: against truths of other clips, {films}, among up to {self.part} neighbours; z and p: of "
            f"{self._permutations()} shifts of the truths in circles of them",
        ]

    def _permutations(self) -> int:
        return next((scored.shuffled.n for scored in self.metrics.values() if scored.shuffled), 0)

    def _left_out(self) -> dict[str, str]:
        """Why metrics of the protocol are lacking, by name."""
        there = {METRICS[name].instead_of or name for name in self.metrics} | self.metrics.keys()
        lacking = [name for name in self.protocol.metrics if {name, METRICS[name].instead_of}.isdisjoint(there)]
        return {name: self._why(METRICS[name].about.judge) for name in lacking}

    def _why(self, judge: str) -> str:
        if judge and self.judge == "none":
            return "ask for it by --judge demo or --judge paper"
        return f"the {judge} knows too few classes" if judge else "it compares two clips or more"

    def _metric(self, name: str, scored: MetricScore) -> dict:
        about, found, against = METRICS[name].about, scored.value, scored.shuffled
        numbers = {
            "value": found.value,
            **ends(found),
            "sd": found.sd,
            "n": found.n,
            "floors": {**scored.floors, "shuffled": against.floor if against else found.value},
            "above_flat": {
                "value": scored.above.value,
                **ends(scored.above),
                "p": scored.above.p,
            },
            "p": against.p if against else None,
            "z": against.z if against else None,
            "chance": scored.chance,
        }
        judge = f"{about.judge} ({self.judge})" if about.judge else None
        return _rounded(numbers) | {"higher_is_better": about.higher_is_better, "unit": about.unit, "judge": judge}

    def _row(self, name: str, scored: MetricScore) -> tuple[str, ...]:
        about, found, against = METRICS[name].about, scored.value, scored.shuffled
        return (
            about.title,
            f"{found.value:.4f}",
            "no interval" if found.why else f"{found.low:.4f} to {found.high:.4f}",
            *(f"{scored.floors[kind]:.4f}" for kind in FLOORS),
            f"{against.floor:.4f}" if against else "same",
            "" if scored.chance is None else f"{scored.chance:.4f}",
            f"{against.z:.1f}" if against else "",
            f"{against.p:.4f}" if against else "",
            "higher" if about.higher_is_better else "lower",
        )


def metric_scores(
    parts: Sequence[Part], members: Sequence[np.ndarray], blocks: np.ndarray, protocol: Protocol
) -> dict[str, MetricScore]:
    """Scores by metric of clips whose rows in each part are `members`; one that no clip has a score of is left out."""
    order = np.concatenate(members)
    scores = {kind: _together(parts, kind) for kind in ("films", *FLOORS)}
    matrices = {name: [part.matrices[name] for part in parts] for name in parts[0].matrices}
    seen = joined_kinds(parts)
    judged = [name for name in served(seen["films"], protocol) if METRICS[name].needs in JUDGED]
    for kind in scores:
        every = {name: METRICS[name].function for name in judged}
        scores[kind] |= {name: compute(seen[kind], seen["truths"], protocol) for name, compute in every.items()}
    groups = np.repeat(np.arange(len(parts)), [len(rows) for rows in members])
    matrices |= score_pairs(Pairwise(seen["films"], seen["truths"], protocol, judged), groups) if judged else {}
    ordered = [name for name in protocol.metrics if name in matrices and not np.isnan(scores["films"][name]).all()]
    return {
        name: _scored(
            name, {kind: found[name] for kind, found in scores.items()}, matrices[name], blocks[order], protocol
        )
        for name in ordered
    }


def _together(parts: Sequence[Part], kind: str) -> dict[str, np.ndarray]:
    names = parts[0].matrices
    return {name: np.concatenate([part.scores[kind][name] for part in parts]) for name in names}


def _scored(
    name: str, scores: dict[str, np.ndarray], matrices: list[np.ndarray], blocks: np.ndarray, protocol: Protocol
) -> MetricScore:
    metric = METRICS[name]
    return MetricScore(
        interval(scores["films"], blocks),
        {kind: interval(scores[kind], blocks).value for kind in FLOORS},
        difference(scores["films"], scores["flat"], blocks),
        None if metric.is_blind(protocol) else null(matrices, metric.about.higher_is_better),
        metric.chance(protocol),
    )


def _rounded(value):
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, DIGITS) if isinstance(value, float) else value
