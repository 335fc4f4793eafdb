"""Maps to a file, by its suffix: pictures, a page to turn a surface on, and files of surface software."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.figures.cortex_map import Colours, CortexMap
from neuroclips.figures.terms import CITATION, SHORT, write_beside
from neuroclips.files import whole_file

PICTURES = (".png", ".svg", ".pdf")
PAGES = (".html",)
SURFACES = (".dscalar.nii", ".func.gii", ".shape.gii")
TABLES = (".csv",)
VIEWS = ("flat", "inflated")
DPI = 200  # of PNG


def suffix_of(path: Path) -> str:
    """The known suffix of a path. Raises InputError with those that there are."""
    known = (*PICTURES, *PAGES, *SURFACES, *TABLES)
    found = next((suffix for suffix in known if path.name.lower().endswith(suffix)), None)
    if found is None or path.name.lower() == found:
        raise InputError(f"got {path.name}, expected a name that ends in one of: {', '.join(known)}")
    return found


def write(
    path: Path, maps: Sequence[CortexMap], view: str = "flat", look=None, dpi: int = DPI, small: bool = False
) -> list[Path]:
    """Write maps as the suffix says; the files that were written. look : a figures.flat.Look, for flat pictures.

    small : a PNG of 256 colours, which are nearly those of the map. Beside files of surfaces lie the terms of use.
    """
    suffix = suffix_of(path)
    if suffix in PICTURES:
        return [_picture(path, maps, view, look, dpi, small)]
    if suffix in PAGES:
        from neuroclips.figures.surface import write_page

        write_page(path, maps)
        return [path]
    from neuroclips.figures import surface_files

    stem = path.name[: -len(suffix)]
    if suffix == ".dscalar.nii":
        surface_files.write_dscalar(path, maps)
        return [path, write_beside(path, stem)]
    return [*surface_files.write_gifti(path, maps), write_beside(path, stem)]


def _picture(path: Path, maps: Sequence[CortexMap], view: str, look, dpi: int, small: bool) -> Path:
    from matplotlib import rc_context

    from neuroclips.figures.flat import VECTOR, Look, flat_figure

    if view == "flat":
        figure = flat_figure(maps, look or Look())
    else:
        from neuroclips.figures.surface import surface_figure

        figure = surface_figure(maps)
    kind = suffix_of(path)[1:]
    with whole_file(path) as partial, rc_context(VECTOR):
        figure.savefig(partial, format=kind, dpi=dpi, metadata=_metadata(kind, maps[0].label))
        if small and kind == "png":
            _make_small(partial, _metadata(kind, maps[0].label), maps[0].colours)
    return path


def _make_small(path: Path, about: dict[str, str | None], colours: Colours) -> None:
    """Write a PNG again with 256 colours: three quarters of them from the colour bar, the others grey."""
    import numpy as np
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo
    from scipy.spatial import cKDTree

    words = PngInfo()
    for name, value in about.items():
        words.add_text(name, value or "")
    shades = np.linspace(0, 1, 64)[:, None].repeat(3, 1)
    palette = np.round(255 * np.concatenate([colours.map()(np.linspace(0, 1, 192))[:, :3], shades])).astype(np.uint8)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    _, nearest = cKDTree(palette).query(pixels.reshape(-1, 3))
    few = Image.fromarray(nearest.reshape(pixels.shape[:2]).astype(np.uint8), "L").convert("P")
    few.putpalette(palette.ravel().tolist())
    few.save(path, "PNG", optimize=True, pnginfo=words)


def _metadata(kind: str, label: str) -> dict[str, str | None]:
    if kind == "png":
        return {"Title": label, "Copyright": SHORT, "Source": CITATION}
    if kind == "pdf":
        return {"Title": label, "Subject": SHORT, "CreationDate": None, "ModDate": None}
    return {"Title": label, "Rights": SHORT, "Source": CITATION, "Date": None}
