"""An evaluation: films of every condition, held against the truth by every protocol, as the dict of scores.json."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from neuroclips import __version__
from neuroclips.data.base import FmriDataset, check
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.evaluation import beyond, ceilings, floors, numbers, retrieval, stored
from neuroclips.evaluation.asked import Asked
from neuroclips.evaluation.conditions import CEILING, CONDITIONS
from neuroclips.evaluation.examples import examples
from neuroclips.evaluation.films import Films, Whose, films_of
from neuroclips.evaluation.intervals import stretches
from neuroclips.evaluation.leaks.card import card
from neuroclips.evaluation.numbers import Scored, Table
from neuroclips.evaluation.report.stored import StoredFilms
from neuroclips.evaluation.rows import Rows, Shuffled, scores, shuffled
from neuroclips.evaluation.seen import Eyes, Shown, of_files, of_truth, weights_of
from neuroclips.evaluation.tokens import BLOCK, runs_of
from neuroclips.metrics.protocols import protocol_named
from neuroclips.zoo import load_judges, zoo_named


@dataclass
class Evaluated:
    """The report as scores.json has it, what it was made of, and the films: by subject and condition."""

    report: dict
    pictures: StoredFilms
    tables: dict[tuple[int, str], Table] = field(default_factory=dict)  # by subject and protocol
    films: dict[tuple[int, str], Films] = field(default_factory=dict)


def evaluate(asked: Asked) -> Evaluated:
    """Make what films are lacking, look at all, and score them.

    Raises InputError for a dataset without films, for films of other settings, and for subjects that there are not.
    """
    data = _with_films(asked)
    report = {"schema": stored.SCHEMA, "version": __version__, "made": _made(asked, data), "subjects": {}}
    found = Evaluated(report, StoredFilms(data, asked.whose.out / "films", asked.whose.ships, bool(data.info.scripted)))
    for subject in asked.subjects:
        for name in asked.conditions:
            found.films[subject, name] = _films(asked, subject, name)
    for subject in asked.subjects:
        found.report["subjects"][str(subject)] = _of_subject(asked, data, subject, found)
    if len(asked.subjects) > 1:
        found.report["mean"] = {"protocols": {name: _mean(asked, data, found, name) for name in asked.protocols}}
    if asked.controls and asked.leaks and asked.whose.ships:
        found.report["leaks"] = card(asked.subjects)
    found.report = stored.rounded(found.report)
    return found


def _films(asked: Asked, subject: int, name: str) -> Films:
    if name == CEILING:
        return Films(ceilings.write(asked.clips_of(name), asked.whose.of(CEILING)), {})
    return films_of(asked.whose, subject, name, asked.clips_of(name))


def _with_films(asked: Asked) -> FmriDataset:
    data = load_dataset(asked.whose.dataset, asked.whose.source)
    for subject in asked.subjects:
        check(data.info, subject, max(asked.clips))
    if not data.info.has_stimuli:
        raise InputError(
            f"got dataset {asked.whose.dataset}, which has no films to compare with, expected one that has: "
            "reconstruct it, or score your own folders by neuroclips score"
        )
    return data


def _made(asked: Asked, data: FmriDataset) -> dict:
    made = stored.made_with(asked.whose, data, asked.subjects)
    return made | {"seed": asked.seed, "n_permutations": asked.n_permutations, "command": asked.command}


def _of_subject(asked: Asked, data: FmriDataset, subject: int, found: Evaluated) -> dict:
    protocols, (_, minutes) = {}, runs_of(data)
    for name in asked.protocols:
        print(f"subject {subject}, protocol {name}: looking at films", file=sys.stderr)
        table, nulls = _table(asked, data, subject, name, found)
        found.tables[subject, name] = table
        protocols[name] = {
            "conditions": numbers.conditions(table, minutes, asked.seed),
            "permutation": numbers.permutation(nulls),
            "differences": numbers.differences(table, minutes, asked.seed),
            "share": numbers.shares(table, minutes, asked.seed),
            "clip_p": numbers.of_clips(nulls),
        }
    known = {"clips": list(asked.clips), "protocols": protocols}
    known |= {"examples": examples(found.tables[subject, asked.protocols[0]], asked.seed)}
    if asked.whose.reconstructors is None:
        known["retrieval"] = retrieval.measure(subject, data, zoo_named(asked.whose.zoo))
    if asked.controls and asked.leaks and asked.whose.ships:
        films, rows = found.films[subject, "full"].files, found.tables[subject, asked.protocols[0]]["full"].rows
        known |= beyond.of_subject(subject, films, rows, found.report["made"], asked.whose.out / "features")
    return known


def _table(
    asked: Asked, data: FmriDataset, subject: int, protocol: str, found: Evaluated
) -> tuple[dict[str, Scored], dict[str, Shuffled]]:
    """Scores of every condition of a subject, and the nulls of the full model."""
    truths = of_truth(data, asked.clips)
    eyes = eyes_of(asked.whose, protocol, truths)
    table, films = {}, {name: found.films[subject, name] for name in asked.conditions}
    for name, of in films.items():
        table[name] = Scored(tuple(of.files), scores(of_files(of.files), truths, eyes), of.precomputed)
    full = of_files(films["full"].files)
    groups = stretches(np.asarray(full.clips) // data.info.clips_per_run, BLOCK)  # neighbours of one film
    nulls = shuffled(full, truths, eyes, groups, asked.seed, asked.n_permutations)
    table |= {name: Scored(full.clips, rows) for name, rows in _floors(asked, data, films["full"], truths, eyes)}
    if nulls:
        table["shuffled"] = Scored(full.clips, {name: one.each for name, one in nulls.items()})
    return {name: table[name] for name in CONDITIONS if name in table}, nulls


def eyes_of(whose: Whose, protocol: str, truths: Shown) -> Eyes:
    """How an evaluation looks at films; what judges said is kept in OUT/features."""
    zoo = zoo_named(whose.zoo)
    judged_by, size = repr(weights_of(zoo)), truths.film(truths.clips[0]).shape[-2:]
    return Eyes(protocol_named(protocol), load_judges(zoo), judged_by, size, whose.out / "features")


def _floors(asked: Asked, data: FmriDataset, full: Films, truths: Shown, eyes: Eyes) -> Iterator[tuple[str, Rows]]:
    """Floors with a film; that of a flat colour is always there, the others come with the controls."""
    films = of_files(full.files)
    yield "flat", scores(floors.flat(truths.of(films.clips)), truths, eyes)
    if not asked.controls:
        return
    if data.info.scripted:
        yield "mean frame", scores(floors.mean_frame(films.clips), truths, eyes)
    yield "frozen", scores(floors.frozen(full), truths, eyes)
    yield "best single", floors.best_single(films, truths, eyes)


def _mean(asked: Asked, data: FmriDataset, found: Evaluated, protocol: str) -> dict:
    tables = [found.tables[subject, protocol] for subject in asked.subjects]
    return numbers.over_subjects(tables, runs_of(data)[1], asked.seed)
