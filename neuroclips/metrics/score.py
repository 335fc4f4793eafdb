"""All scores of films that were seen under a protocol, and of any pairs of films and truths."""

from __future__ import annotations

import numpy as np

from neuroclips.errors import InputError
from neuroclips.metrics import ways
from neuroclips.metrics.features import Features
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS


def score(films: Features, truths: Features, protocol: Protocol) -> dict[str, np.ndarray]:
    """Scores (n,) of n films against their truths, row by row, by every metric that `served` names.

    Raises InputError where the numbers of films and truths differ.
    """
    if len(films) != len(truths):
        raise InputError(f"got {len(films)} films and {len(truths)} truths, expected as many: one truth for each film")
    return {name: METRICS[name].function(films, truths, protocol) for name in served(films, protocol)}


def sampled(
    films: Features, truths: Features, protocol: Protocol, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """The N-way metrics of `score` as the field's programs estimate them, (n,) each: the share of the protocol's trials
    that hit, for every frame or film. They agree with `score` but for a binomial error of sqrt(p (1 - p) / trials)."""
    estimated = {}
    for name in served(films, protocol):
        if (n := METRICS[name].ways) is not None:
            logits, true = (getattr(seen, METRICS[name].needs) for seen in (films, truths))
            hits = ways.sampled(logits, true, n, generator, protocol.truths, protocol.top, protocol.trials_of(name))
            estimated[name] = hits.reshape(len(films), -1).mean(1)
    return estimated


def served(films: Features, protocol: Protocol) -> list[str]:
    """The metrics of a protocol that can be computed of these films: their judge was asked, and knows enough classes.

    One that stands in for a larger N is left out where its judge can do that.
    """
    able = [name for name in protocol.metrics if _able(name, films, protocol)]
    return [name for name in able if METRICS[name].instead_of not in able]


def _able(name: str, films: Features, protocol: Protocol) -> bool:
    metric = METRICS[name]
    read = getattr(films, metric.needs)
    return read is not None and (metric.ways is None or metric.ways <= ways.most_ways(read.shape[-1], protocol.truths))
