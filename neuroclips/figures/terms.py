"""The words that travel with everything made of the meshes and the parcellation: terms of use and citation."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from neuroclips.files import whole_file
from neuroclips.paths import ASSETS

CITATION = (
    "Glasser MF, Coalson TS, Robinson EC, et al. A multi-modal parcellation of human cerebral cortex. "
    "Nature 536, 171-178 (2016). doi:10.1038/nature18933"
)
SHORT = f"Derived from HCP meshes and areas, under the HCP Open Access Data Use Terms. Areas: {CITATION}"


@cache
def terms() -> str:
    """The licence of assets/brain, which holds of other files that are derived from the same meshes, too."""
    words = (ASSETS / "brain" / "LICENSE").read_text(encoding="utf-8")
    return words.replace("The pictures in this folder are", "The maps beside this file are", 1)


def write_beside(path: Path, stem: str) -> Path:
    """The terms in a text file beside a file whose format has little room for them."""
    beside = path.with_name(f"{stem}.LICENSE.txt")
    with whole_file(beside) as partial:
        partial.write_text(terms(), encoding="utf-8")
    return beside
