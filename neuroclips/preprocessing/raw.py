"""Raw cc2017 runs as a source for `build`: CIFTI files, streamed one by one, and every fault named with its file."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neuroclips.brain.cortex import N_CORTEX
from neuroclips.errors import InputError
from neuroclips.preprocessing.cifti import read_header, read_run
from neuroclips.preprocessing.clean import constant
from neuroclips.preprocessing.flags import shortened, whole_areas
from neuroclips.preprocessing.grayordinates import refuse_missing
from neuroclips.preprocessing.layout import FILMS, N_SAMPLES, REPEATS, TRAIL, kind_of, run_path
from neuroclips.preprocessing.lengths import Lengths
from neuroclips.preprocessing.series import is_tr

SIMULATED = "simulated.json"  # beside runs that `simulate --raw` made
CONSTANT_LIMIT = 0.5  # a run with a larger share of constant vertices is refused


class RawRuns:
    """The runs of one subject below `root`, in the layout of the cc2017 download.

    Raises InputError for a film without runs and for a training film without both showings; a missing test showing is
    only a warning. Sizes and headers are checked at the start, values when a run is read.
    """

    keep: np.ndarray | None = None  # the selection test decides

    def __init__(
        self,
        root: Path,
        subject: int | str,
        films: Sequence[str] | None = None,
        lengths: Lengths | None = None,
        delay_volumes: int = TRAIL,
    ):
        self.lengths, self.delay_volumes = lengths or Lengths(), delay_volumes
        self.root, self.folder = Path(root), subject if isinstance(subject, str) else f"subject{subject}"
        if not self.root.is_dir():
            raise InputError(f"got {root}, expected a folder that holds subject1, subject2, ...")
        if not (self.root / self.folder).is_dir():
            there = sorted(p.name for p in self.root.glob("*") if p.is_dir())
            raise InputError(
                f"got no folder {self.folder} in {root}, expected one of: {', '.join(there) or 'nothing there'}"
            )
        self.vertex_index = np.arange(N_CORTEX)
        self._repeats = {f: self._showings(f) for f in FILMS}
        self.films = self._those_there() if films is None else list(films)
        for film in self.films:
            self._check_showings(film)
        steps = self._check_headers()
        self.key = self._fingerprint()
        origin = "simulated" if (self.root / self.folder / SIMULATED).exists() else "cc2017 layout"
        other_steps = [step for step in steps if not is_tr(step)]  # [s]
        told = {"volumes": self.lengths.volumes, "drop_first": self.lengths.drop_first, "resampled_from": other_steps}
        self.about = {"dataset": origin, "subject": self.folder, "density": "full", **told}

    def path(self, film: str, repeat: int) -> Path:
        """The file of a run: as in the download, or that file compressed."""
        path = run_path(self.root, self.folder, film, repeat)
        packed = path.with_name(f"{path.name}.gz")
        return packed if packed.exists() and not path.exists() else path

    def repeats(self, film: str) -> list[int]:
        """The showings of a film that exist, counted from 1."""
        return self._repeats[film]

    def _showings(self, film: str) -> list[int]:
        return [r for r in range(1, REPEATS[kind_of(film)[0]] + 1) if self.path(film, r).exists()]

    def _those_there(self) -> list[str]:
        there = [f for f in FILMS if self._repeats[f]]
        if not there:
            raise InputError(f"got no run in {self.root / self.folder}, expected files such as {self.path('seg1', 1)}")
        if missing := [f for f in FILMS if f not in there]:
            warnings.warn(
                f"{self.root / self.folder}: got no run of {', '.join(missing)}; going on without", stacklevel=3
            )
        return there

    def _check_showings(self, film: str) -> None:
        kind, there = kind_of(film)[0], self._repeats[film]
        missing = [r for r in range(1, REPEATS[kind] + 1) if r not in there]
        if not missing:
            return
        what = f"{self.path(film, missing[0])}: got {len(there)} showings of {film}, expected {REPEATS[kind]}"
        if kind == "train" or not there:
            raise InputError(f"{what}: copy this run, or leave the film out with --films")
        warnings.warn(f"{what}; the mean of a clip will be over those that are there", stacklevel=3)

    def _check_headers(self) -> list[float]:
        """The steps [s] of all runs. Every file is looked at before the work begins: what cannot be right is named."""
        bad, steps, spare = [], set(), 0
        for film, repeat in ((f, r) for f in self.films for r in self._repeats[f]):
            path = self.path(film, repeat)
            try:
                header = read_header(path)
                refuse_missing(path, header.rows)
                spare = max(spare, self.lengths.n_spare(path, header, film, self.delay_volumes))
                steps.add(header.step)
            except InputError as error:
                bad.append((path.name, error))
        if bad:
            others = f"; also bad: {', '.join(name for name, _ in bad[1:])}" if len(bad) > 1 else ""
            raise InputError(f"{bad[0][1]}{others}")
        if self.lengths.resample and all(map(is_tr, steps)):
            warnings.warn("--resample has no effect: every run has 2 s between volumes", stacklevel=3)
        if spare > TRAIL:
            warnings.warn(
                f"{self.root / self.folder}: got up to {spare} volumes of 2 s after film and delay, expected at most "
                f"{TRAIL}; of each film the first {N_SAMPLES} samples are used",
                stacklevel=3,
            )
        return sorted(steps)

    def _fingerprint(self) -> str:
        """Changes when a file is added, removed or replaced."""
        files = [self.path(f, r) for f in self.films for r in self._repeats[f]]
        seen = [(str(p.relative_to(self.root)), p.stat().st_size, p.stat().st_mtime_ns) for p in files]
        return hashlib.sha256(repr((seen, self.lengths)).encode()).hexdigest()

    def run(self, film: str, repeat: int) -> np.ndarray:
        """The volumes from the first of the film on, (at least 240 + delay, 59412) float32, 2 s apart."""
        path = self.path(film, repeat)
        volumes = read_run(path, drop_first=self.lengths.n_before(film), resample=self.lengths.resample)
        unmoved = constant(volumes)
        n_constant = int(unmoved.sum())
        if n_constant > CONSTANT_LIMIT * N_CORTEX:
            raise InputError(
                f"{path}: got {n_constant:,} constant vertices of {N_CORTEX:,}, expected hardly any: the run is empty"
            )
        if n_constant:
            areas = shortened(whole_areas(unmoved, self.vertex_index))
            among = f" (among them all of {areas})" if areas else ""
            warnings.warn(
                f"{path}: got {n_constant:,} constant vertices{among}, expected none; they count as 0 in this run",
                stacklevel=2,
            )
        return volumes
