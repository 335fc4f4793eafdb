"""Build a preprocessed dataset from runs, wherever they come from: raw files or the simulator.

Two passes over the runs, film by film in two processes: first the correlation of repeats and the choice of voxels, then
the samples of those voxels. Finished films are kept in a folder of parts, so a stopped build goes on where it was;
meta.json is written last, and without it nothing loads.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from tqdm import tqdm

from neuroclips import parallel
from neuroclips.errors import InputError
from neuroclips.files import one_at_a_time, save_array, save_arrays, whole_file, write_json
from neuroclips.preprocessing import clean as preprocess
from neuroclips.preprocessing.clean import PreprocessConfig, Selection
from neuroclips.preprocessing.layout import N_SAMPLES, REPEATS, TR, kind_of, n_validation
from neuroclips.preprocessing.meta import is_whole, read_meta
from neuroclips.reading import read_array

N_PROCESSES = 2  # each holds some 100 MB arrays of a full cortex: two stay below 3 GB


class RunSource(Protocol):
    """Runs of one subject."""

    key: str  # changes when the runs change
    vertex_index: np.ndarray  # (n_vertices,) rows among the 59,412 that runs hold
    about: dict  # what meta.json shall say of them

    @property
    def keep(self) -> np.ndarray | None:
        """Which vertices to keep whatever the selection test says; usually None."""

    def repeats(self, film: str) -> list[int]:
        """The showings of a film that exist, counted from 1."""

    def run(self, film: str, repeat: int) -> np.ndarray:
        """The volumes of one showing from the first of the film on, (n_volumes, n_vertices)."""


def build(
    source: RunSource, films: Sequence[str], out: Path, config: PreprocessConfig, n_processes: int = N_PROCESSES
) -> Path:
    """Write train_fmri.npy, test_fmri.npy, vertex_index.npy, selection.npz and meta.json to `out`.

    train_fmri : (n_train, 2, n_voxels), test_fmri : (n_test, 10, n_voxels) with NaN for missing showings, float32.
    A dataset that is there and was built from the same runs in the same way is left alone; one that was built
    otherwise stays until the new one is ready to be written. Raises InputError when no voxel is left.
    """
    films, out = list(films), Path(out)
    asked = {"source": source.key, "films": films, **config.record()}
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]
    with one_at_a_time(out):
        whole = is_whole(out)
        if not whole or read_meta(out).get("key") != key:
            if whole:
                warnings.warn(
                    f"{out}: got a dataset that was built otherwise; the new one takes its place", stacklevel=2
                )
            parts = out / f"parts-{key}"
            for stale in set(out.glob("parts-*")) - {parts}:
                shutil.rmtree(stale)
            with _working(_Work(source, parts, config.delay_volumes), n_processes) as each:
                _build(each, films, out, config, key)
    return out


def _build(each: _Each, films: list[str], out: Path, config: PreprocessConfig, key: str) -> None:
    work, source = each.work, each.work.source
    try:
        selection = _choose(each, films, config)
    except ValueError:
        shutil.rmtree(work.parts, ignore_errors=True)
        raise
    kept = selection.kept
    each(partial(_write_samples, kept=kept), films, "samples")
    (out / "meta.json").unlink(missing_ok=True)  # from here on the old dataset is no more
    for kind in REPEATS:
        parts = [work.parts / f"{f}.npy" for f in films if kind_of(f)[0] == kind]
        _join(out / f"{kind}_fmri.npy", parts, kind, len(kept))
    save_array(out / "vertex_index.npy", source.vertex_index[kept])
    tested = {"tested": source.vertex_index, "kept": kept}
    save_arrays(out / "selection.npz", z=selection.z, t=selection.t, p=selection.p, **tested)
    write_json(out / "meta.json", {**source.about, **_summary(work, films, config, selection), "key": key})
    shutil.rmtree(work.parts, ignore_errors=True)


def choose_voxels(source: RunSource, films: Sequence[str], config: PreprocessConfig, parts: Path) -> Selection:
    """The first pass alone: the test of every vertex over the training films among `films`."""
    with _working(_Work(source, parts, config.delay_volumes), N_PROCESSES) as each:
        return _choose(each, list(films), config)


class _Work:
    """What every process of a build knows."""

    def __init__(self, source: RunSource, parts: Path, delay_volumes: int):
        self.source, self.parts, self.delay = source, parts, delay_volumes

    def samples(self, film: str, repeat: int) -> np.ndarray:
        return preprocess.clean(self.source.run(film, repeat), self.delay)


class _Each:
    """`task(work, film)` of every film, on all processes, with a bar that is called `name`."""

    def __init__(self, work: _Work, run: Callable[..., Iterator] | None):
        self.work, self._run = work, run

    def __call__(self, task: Callable, films: Sequence[str], name: str) -> list:
        run = self._run if self._run and len(films) > 1 else self._alone
        about = f"{self.work.source.about['subject']}: {name}"
        return list(tqdm(run(task, films), total=len(films), desc=about, unit="film", mininterval=1))

    def _alone(self, task: Callable, films: Sequence[str]) -> Iterator:
        return (task(self.work, film) for film in films)


@contextmanager
def _working(work: _Work, n_processes: int) -> Iterator[_Each]:
    if n_processes == 1:
        yield _Each(work, None)
        return
    with parallel.workers(n_processes, work) as run:
        yield _Each(work, run)


def choosing(films: Sequence[str], config: PreprocessConfig) -> list[str]:
    """The training films by which voxels are chosen: all, or those that are not for validation."""
    training = [film for film in films if kind_of(film)[0] == "train"]
    return training[: len(training) - n_validation(len(training))] if config.exclude_validation else training


def _choose(each: _Each, films: list[str], config: PreprocessConfig) -> Selection:
    training, source = choosing(films, config), each.work.source
    found = each(_correlate, training, "repeats")
    correlations = np.stack(found) if found else np.zeros((0, len(source.vertex_index)), np.float32)
    fixed = source.keep
    selection = preprocess.select_voxels(correlations, 1.0 if fixed is not None else config.alpha, config.one_sided)
    return selection if fixed is None else Selection(selection.z, selection.t, selection.p, fixed)


def _correlate(work: _Work, film: str) -> np.ndarray:
    path = work.parts / f"correlation-{film}.npy"
    found = _finished(path, (len(work.source.vertex_index),))
    if found is None:
        first, second = (work.samples(film, repeat) for repeat in work.source.repeats(film))
        found = preprocess.repeat_correlation(first, second).astype(np.float32)
        save_array(path, found)
    return found


def _finished(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """A part that was written before. None where it is not there or damaged, and must be made (again)."""
    try:
        part = read_array(path, mapped=True)
    except InputError:
        return None
    return part if part.shape == shape else None


def _write_samples(work: _Work, film: str, kept: np.ndarray) -> Path:
    """(240, n_repeats, n_voxels) of a film; NaN for showings that are missing."""
    path, shape = work.parts / f"{film}.npy", (N_SAMPLES, REPEATS[kind_of(film)[0]], len(kept))
    if _finished(path, shape) is None:
        samples = np.full(shape, np.nan, np.float32)
        for repeat in work.source.repeats(film):
            samples[:, repeat - 1] = work.samples(film, repeat)[:, kept]
        save_array(path, samples)
    return path


def _join(path: Path, parts: list[Path], kind: str, n_voxels: int) -> None:
    shape = (len(parts) * N_SAMPLES, REPEATS[kind], n_voxels)
    with whole_file(path) as unfinished:
        joined = np.lib.format.open_memmap(unfinished, "w+", np.float32, shape)
        for i, part in enumerate(parts):
            joined[i * N_SAMPLES : (i + 1) * N_SAMPLES] = read_array(part, mapped=True)
        joined.flush()
        del joined  # Windows moves no file that is mapped


def _summary(work: _Work, films: list[str], config: PreprocessConfig, selection: Selection) -> dict:
    n_tested, n_training = len(selection.p), len(choosing(films, config))
    level = (config.alpha if config.alpha < 1 else PreprocessConfig.alpha) / n_tested
    passed = int(((selection.p < level) & (selection.z > 0)).sum()) if n_training > 1 else None
    missing = [
        f"{f}_{r}" for f in films for r in range(1, REPEATS[kind_of(f)[0]] + 1) if r not in work.source.repeats(f)
    ]
    return {
        "films": films,
        "tr": TR,
        "n_voxels": len(selection.kept),
        "n_tested": n_tested,
        "n_passed": passed,
        "missing_runs": missing,
        **config.record(),
    }
