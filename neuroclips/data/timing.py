"""The time between volumes that a file tells, with its unit: the models read volumes of 2 s and no others."""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.notes import note
from neuroclips.preprocessing.layout import TR
from neuroclips.preprocessing.series import is_tr

SECONDS = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}  # as NIfTI names units


def refuse_other_tr(where: Path | str, step: float, unit: str) -> None:
    """Raises InputError unless `step` is the TR.

    Where no unit is told, the one that makes it so is taken, with a warning.
    """
    told = unit in SECONDS
    if told and is_tr(step * SECONDS[unit]):
        return
    if taken := [name for name, unit_in_s in SECONDS.items() if not told and is_tr(step * unit_in_s)]:
        note(f"{where}: got a TR of {step:g} without a unit, taken as {taken[0]}")
        return
    if not (told and step > 0):
        got = f"a TR of {step:g} without a unit" if step > 0 else "no TR"
        raise InputError(f"{where}: got {got}, expected {TR:g} s: write the true one into the file")
    got = f"a TR of {step * SECONDS[unit]:g} s"
    raise InputError(f"{where}: got {got}, expected {TR:g} s: resample the run in time, or mend its header")
