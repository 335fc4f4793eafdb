"""What the About tab tells that is not its own: models and their sizes, licences, as the package has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from neuroclips import precomputed
from neuroclips.errors import InputError
from neuroclips.paths import ASSETS
from neuroclips.zoo import KINDS, Part, zoo_named

LICENCES = {"brain": ASSETS / "brain" / "LICENSE", "sprites": ASSETS / "sprites" / "LICENSE"}
EVERY = (1, 2, 3)  # subjects, whose reconstructors are shipped
# what each role of a zoo does
DOES = {
    "clip": "turns pictures and words into tokens",
    "codec": "between pixels and latents",
    "keyframes": "draws a picture from image tokens",
    "captioner/blip2": "puts the keyframe into words",
    "captioner/git": "puts brain tokens into words",
    "text encoder": "reads the caption for the film",
    "image model": "knows what single frames look like",
    "motion adapter": "knows how frames follow each other",
    "sparse ctrl": "holds the film to the keyframe",
    "video": "makes the film of all of them",
    "frame judge": "scores frames",
    "frame judge/own shots": "scores frames, and shares no film with the models that paint",
    "video judge": "scores films",
    "clip judge": "scores smoothness",
    "perception": "fMRI to a blurry film, one per subject",
    "semantic": "fMRI to brain tokens, one per subject",
    "prior": "brain tokens to image tokens, one per subject",
    "projector": "tokens to words and back, for comparison",
    "fusion": "tells whether two clips belong together",
}


@dataclass(frozen=True)
class Model:
    """A row of the table of models; `size` is in bytes on this machine, 0 where nothing is shipped."""

    role: str
    does: str
    kind: str
    size: int
    licence: str
    full_size: str  # what plays its part in the paper's zoo


def models() -> list[Model]:
    """What the demo zoo is made of, beside what the paper's zoo takes."""
    paper = {part.role: _full_size(part) for part in zoo_named("paper").parts}
    return [
        Model(p.role, DOES[p.role], _class(p), _size(p), p.licence, paper.get(p.role, "none needed"))
        for p in zoo_named("demo").parts
    ]


def shipped_bytes() -> int:
    """All weights of the demo zoo; some roles share files."""
    files = {path for part in zoo_named("demo").parts for folder in _folders(part) for path in folder.rglob("*")}
    return sum(path.stat().st_size for path in files if path.is_file())


def _folders(part: Part) -> list[Path]:
    subjects = EVERY if "{subject}" in (part.subfolder or "") else EVERY[:1]
    return [part.of(subject).folder for subject in subjects]


def _size(part: Part) -> int:
    return sum(path.stat().st_size for folder in _folders(part) for path in folder.rglob("*") if path.is_file())


def _class(part: Part) -> str:
    """The class of a model; of a reconstructor, what its configuration is one of."""
    if part.kind != "reconstructor":
        return KINDS[part.kind].partition(":")[2]
    config = json.loads((_folders(part)[0] / "config.json").read_text(encoding="utf-8"))
    return config["config"].removesuffix("Config")


def _full_size(part: Part) -> str:
    if part.is_local:
        return "trained here"
    source = part.source.removeprefix("hf-hub:")
    return f"{source} ({part.size:g} GB, {part.licence})" if part.size else f"{source} ({part.licence})"


def tokens() -> tuple[int, int]:
    """How many image tokens there are, and how many numbers each has."""
    home = zoo_named("demo").part("prior").of(EVERY[0]).folder
    config = json.loads((home / "config.json").read_text(encoding="utf-8"))
    return config["n_tokens"], config["clip_dim"]


def example() -> dict | None:
    """The summary of the first subject's best film by score; None where none was made or the table does not read."""
    try:
        marks = precomputed.marks(EVERY[0])
        return precomputed.load(EVERY[0], marks["best"]) if marks else None
    except InputError:
        return None


def acknowledgement() -> str:
    """The sentence that the HCP Open Access Data Use Terms ask for."""
    paragraphs = LICENCES["brain"].read_text(encoding="utf-8").split("\n\n")
    return " ".join(next(text for text in paragraphs if text.startswith("Data were provided")).split())


def areas_paper() -> str:
    """The citation of the parcellation."""
    paragraphs = LICENCES["brain"].read_text(encoding="utf-8").split("\n\n")
    return " ".join(next(text for text in paragraphs if text.startswith("Glasser")).split())
