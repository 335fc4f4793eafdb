"""manifest.json: what all clips of a folder have in common, then the receipts of those that are finished."""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.files import one_at_a_time, write_json
from neuroclips.reading import read_json
from neuroclips.testsets.asked import ClipSet
from neuroclips.testsets.receipts import RECEIPT, receipt

MANIFEST = "manifest.json"


def begin(order: ClipSet) -> dict:
    """What all films have in common, written by whoever comes first.

    Raises InputError when films of other settings or reconstructors are in the folder.
    """
    now, path = order.made_with(), order.out / MANIFEST
    with one_at_a_time(order.out):
        if path.exists():
            made = read_json(path).get("made") or {}
            if other := sorted(name for name in made.keys() | now if made.get(name) != now.get(name)):
                raise InputError(
                    f"{path}: got films made with other {', '.join(other)} than now, expected the same: "
                    "choose another --out, or delete the folder to make all of them anew"
                )
        else:
            write_json(path, {"made": now, "films": []})
    return now


def made_with(out: Path) -> dict:
    """What all films of a folder have in common, as it was written."""
    return read_json(out / MANIFEST)["made"]


def gather(order: ClipSet, made: dict) -> None:
    """Write the receipts of all finished clips into the manifest; the last process that ends finds all of them."""
    with one_at_a_time(order.out):
        folders = sorted(path.parent for path in order.out.glob(f"*/{RECEIPT}"))
        write_json(order.out / MANIFEST, {"made": made, "films": [row for row in map(receipt, folders) if row]})
