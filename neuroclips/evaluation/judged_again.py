"""Frames judged again by a judge that shares no picture with the models that painted them (the leak card says why)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from neuroclips.clips import in_batches
from neuroclips.data.base import FmriDataset
from neuroclips.data.registry import load_dataset
from neuroclips.evaluation.intervals import difference, ends, interval
from neuroclips.evaluation.seen import AT_ONCE, of_files, of_truth
from neuroclips.evaluation.tokens import runs_of
from neuroclips.metrics.protocols import Protocol, protocol_named
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import score
from neuroclips.metrics.see import see
from neuroclips.zoo import Zoo, load_judges, load_part, zoo_named

JUDGES = {"shared shots": "frame judge", "own shots": "frame judge/own shots"}


def measure(files: Mapping[int, Path], data: FmriDataset | None = None, zoo: Zoo | None = None) -> dict[str, dict]:
    """By metric of the protocol "paper" that asks the frame judge: its mean by the judge of "shared shots" and by that
    of "own shots", with intervals over minutes of film, and the "difference", shared less own.

    files : films by test clip. Of a zoo without a judge of own shots there is nothing to tell: {}.
    """
    data, zoo = data or load_dataset(), zoo or zoo_named()
    if JUDGES["own shots"] not in {part.role for part in zoo.parts}:
        return {}
    protocol, clips = _of_frames(protocol_named("paper")), list(files)
    blocks = runs_of(data)[1][clips]
    by = {name: _scores(files, data, zoo, role, protocol) for name, role in JUDGES.items()}
    found: dict[str, dict] = {}
    for metric in by["own shots"]:
        means = {name: interval(scores[metric], blocks) for name, scores in by.items()}
        found[metric] = {name: {"value": mean.value, **ends(mean)} for name, mean in means.items()}
        apart = difference(by["shared shots"][metric], by["own shots"][metric], blocks)
        found[metric]["difference"] = {"value": apart.value, **ends(apart), "p": apart.p, "n": apart.n}
    return found


def _of_frames(protocol: Protocol) -> Protocol:
    return replace(protocol, metrics=tuple(m for m in protocol.metrics if METRICS[m].needs == "frame_logits"))


def _scores(
    files: Mapping[int, Path], data: FmriDataset, zoo: Zoo, role: str, protocol: Protocol
) -> dict[str, np.ndarray]:
    """Scores (n,) of films by the metrics of a protocol, where this is the frame judge."""
    judges, parts = replace(load_judges(zoo), frame=load_part(zoo, role)), []
    films, truths = of_files(files), of_truth(data, tuple(files))
    size = truths.film(next(iter(files))).shape[-2:]
    for few in in_batches(films.clips, AT_ONCE):
        seen = see([films.film(clip) for clip in few], protocol, judges, size)
        true = see([truths.film(clip) for clip in few], protocol, judges, size, true=True)
        parts.append(score(seen, true, protocol))
    return {metric: np.concatenate([part[metric] for part in parts]) for metric in parts[0]}
