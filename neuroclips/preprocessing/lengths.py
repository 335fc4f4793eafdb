"""How long runs are and where in them the film begins: as in cc2017, or as the user says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from neuroclips.errors import InputError
from neuroclips.preprocessing.cifti import Header
from neuroclips.preprocessing.layout import DROPPED_FIRST, N_SAMPLES, TR, run_length
from neuroclips.preprocessing.series import check_step, is_tr, n_resampled
from neuroclips.ranges import Checked, Range

LONGEST = 100_000  # volumes of a run


@dataclass(frozen=True)
class Lengths(Checked):
    """What is counted in volumes of the files, whatever their step; of a film, 240 samples of 2 s are used.

    volumes : of every run; None: those of cc2017, 245, and 246 for test2 to test5. drop_first : volumes before the
    film; None: those of cc2017, 1 of 245 and 2 of 246. resample : bring runs of another step than 2 s to 2 s.
    """

    volumes: Annotated[int, Range(1, LONGEST)] | None = None
    drop_first: Annotated[int, Range(0, LONGEST)] | None = None
    resample: bool = False

    def __post_init__(self):
        super().__post_init__()
        if self.drop_first is None and self.volumes not in (None, *DROPPED_FIRST):
            raise InputError(
                f"got --volumes {self.volumes} alone, expected with it how many of them come before the film: "
                "add --drop-first"
            )

    def n_volumes(self, film: str) -> int:
        return run_length(film) if self.volumes is None else self.volumes

    def n_before(self, film: str) -> int:
        """Volumes before the first of the film."""
        return DROPPED_FIRST[self.n_volumes(film)] if self.drop_first is None else self.drop_first

    def n_spare(self, path: Path, header: Header, film: str, delay_volumes: int) -> int:
        """Volumes of 2 s at the end of a run that nothing will read.

        Raises InputError for a run of another step or length, and for one that is too short for film and delay.
        """
        check_step(path, header.step, self.resample)
        if self.drop_first is None and (header.start or not is_tr(header.step)):
            got = f"a first volume at {header.start:g} s" if header.start else f"{header.step:g} s between volumes"
            expected = "one at 0 s" if header.start else f"{TR:g} s"
            raise InputError(
                f"{path}: got {got}, expected {expected}: say with --drop-first N how many volumes of the file come "
                "before the film"
            )
        if header.n_volumes != self.n_volumes(film):
            raise InputError(
                f"{path}: got {header.n_volumes} volumes, expected {self.n_volumes(film)}: copy it again, or, for runs "
                f"that are not cc2017's, say --volumes {header.n_volumes} --drop-first N (N volumes before the film)"
            )
        left = n_resampled(header.n_volumes - self.n_before(film), header.step)
        if left < N_SAMPLES + delay_volumes:
            raise InputError(
                f"{path}: got {left} volumes of {TR:g} s from the film on, expected at least {N_SAMPLES} of the film "
                f"and {delay_volumes} of the delay: films of {N_SAMPLES * TR:g} s are what is decoded"
            )
        return left - N_SAMPLES - delay_volumes
