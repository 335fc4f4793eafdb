"""Evaluations as files: scores.json and clips.csv of a folder; the one of all that ships is in assets/evaluation."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from pathlib import Path

from neuroclips.data.base import FmriDataset
from neuroclips.evaluation.films import Whose
from neuroclips.evaluation.numbers import Table
from neuroclips.evaluation.seen import weights_of
from neuroclips.files import from_json, to_json, whole_file
from neuroclips.metrics.features import METRICS_VERSION
from neuroclips.paths import ASSETS
from neuroclips.pipeline import load_pipeline
from neuroclips.reading import read_json
from neuroclips.zoo import zoo_named

FOLDER = ASSETS / "evaluation"
SCORES, CLIPS = "scores.json", "clips.csv"
DIGITS = 5
# Of "made", without which stored numbers are of something else, and what it is where nothing is said
SAME = {"zoo": None, "dataset": None, "source": "", "weights": None, "settings": None, "metrics": 1}
SCHEMA = 1


def made_with(whose: Whose, data: FmriDataset, subjects: tuple[int, ...]) -> dict:
    """What the numbers of an evaluation depend on, beside its films."""
    zoo = zoo_named(whose.zoo)
    models = load_pipeline(zoo, whose.reconstructors, whose.device).subjects
    return {
        "zoo": zoo.name,
        "dataset": whose.dataset,
        "source": _first_samples(data, subjects) if whose.source else "",
        "simulated": bool(data.info.scripted),
        "judges": zoo.name,
        "weights": weights_of(zoo),
        "metrics": METRICS_VERSION,
        "settings": from_json(to_json(zoo.settings.record())),
        "reconstructors": {str(s): {role: dict(at) for role, at in models(s).origins.items()} for s in subjects},
    }


def _first_samples(data: FmriDataset, subjects: tuple[int, ...]) -> str:
    """Whose data of this name they are: a checksum of each subject's first sample."""
    sums = hashlib.sha256()
    for subject in subjects:
        sums.update(data.sample(subject, 0).voxels.numpy().tobytes())
    return sums.hexdigest()[:12]


def read(folder: Path = FOLDER) -> dict | None:
    """The report of a folder, None where there is none or it is of another schema. Raises InputError if damaged."""
    path = folder / SCORES
    report = read_json(path) if path.exists() else {}
    return report if report.get("schema") == SCHEMA else None


def completed(report: dict, stored: dict | None) -> dict:
    """A report with what it lacks of conditions and of parts from a stored one of the same models, as precomputed.

    Subjects whose reconstructors are others than those of the stored report stay as they are.
    """
    if stored is None or any(stored["made"].get(name, was) != report["made"][name] for name, was in SAME.items()):
        return report
    origins = stored["made"]["reconstructors"]
    subjects = {
        who: _completed(found, stored["subjects"][who])
        if who in stored["subjects"] and origins.get(who) == report["made"]["reconstructors"][who]
        else found
        for who, found in report["subjects"].items()
    }
    return report | {"subjects": subjects}


def _completed(found: dict, stored: dict) -> dict:
    """One subject's part; what was not evaluated on the same clips is not added."""
    if found["clips"] != stored["clips"]:
        return found
    protocols = {
        name: _with(part, stored["protocols"][name]) if name in stored["protocols"] else part
        for name, part in found["protocols"].items()
    }
    return {**stored, **found, "protocols": protocols}


def _with(part: dict, stored: dict) -> dict:
    old = {name: {**row, "precomputed": True} for name, row in stored["conditions"].items()}
    conditions = {name: part["conditions"].get(name, row) for name, row in old.items()} | part["conditions"]
    return {**part, "conditions": conditions} | {
        name: {**stored.get(name, {}), **part[name]} for name in ("differences", "share")
    }


def write(report: dict, tables: Mapping[tuple[int, str], Table], out: Path) -> None:
    """scores.json, and clips.csv with a row for each film: subject, condition, protocol, clip, metrics."""
    with whole_file(out / SCORES) as partial:
        partial.write_text(to_json(report, indent=1) + "\n", encoding="utf-8")
    metrics = list(dict.fromkeys(m for table in tables.values() for one in table.values() for m in one.rows))
    with whole_file(out / CLIPS) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["subject", "condition", "protocol", "clip", *metrics])
        for (subject, protocol), table in tables.items():
            for name, one in table.items():
                for row, clip in enumerate(one.clips):
                    values = (f"{one.rows[m][row]:.{DIGITS}g}" if m in one.rows else "" for m in metrics)
                    rows.writerow([subject, name, protocol, clip, *values])


def rounded(value):
    """The numbers of a report to five digits, so that they change little when made anew."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    return round(float(value), DIGITS) if isinstance(value, float) else value
