"""The verb that draws what lies on the cortex and writes it to files: brain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neuroclips.cli.options import Mask, Reconstructors, Source, VertexIndex
from neuroclips.cli.root import app
from neuroclips.cli.tables import OF_BRAIN
from neuroclips.effects import expect_effect, flag
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.ranges import Range, expect, is_number, shown

if TYPE_CHECKING:
    from neuroclips.maps.drawn import Layered

USUAL = {"model": "both", "layer": "weights", "view": "flat", "dpi": 200, "borders": True, "names": True}


@app.command()
@one_line_errors
def brain(
    subject: Annotated[str, typer.Option(help="1, some such as 1,3, or all: each is a row of the figure")] = "1",
    model: Annotated[str | None, typer.Option(help="perception, semantic or both (default): columns")] = None,
    layer: Annotated[str | None, typer.Option(help="weights (default), haufe, encoding ...: see --list")] = None,
    scale: Annotated[
        str | None, typer.Option(help="min-max (the paper's) or robust, 1st to 99th percentile; default: the layer's")
    ] = None,
    region: Annotated[str | None, typer.Option(help="only there: V1,FFC or 'early visual' or L_MT: see --list")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="file ending in .png .svg .pdf .html .csv .func.gii .shape.gii or .dscalar.nii"),
    ] = None,
    view: Annotated[str | None, typer.Option(help="of pictures: flat (default), or inflated by nilearn")] = None,
    zoom: Annotated[bool, typer.Option("--zoom", help="flat: only the cortex around the voxels, larger")] = False,
    borders: Annotated[bool | None, typer.Option("--borders/--no-borders", help="flat: of Glasser's areas")] = None,
    names: Annotated[bool | None, typer.Option("--names/--no-names", help="flat: of areas that hold voxels")] = None,
    flat_left: Annotated[
        Path | None, typer.Option(help="flat: Q1-Q6_R440.L.flat.32k_fs_LR.surf.gii, or another fs_LR 32k template")
    ] = None,
    flat_right: Annotated[Path | None, typer.Option(help="flat: the same of the right hemisphere")] = None,
    dpi: Annotated[int | None, typer.Option(help="pixels per inch of .png; default: 200")] = None,
    small: Annotated[bool, typer.Option("--small", help=".png of 256 colours, a third as large")] = False,
    dataset: Annotated[str, typer.Option(help="simulated, preprocessed, cc2017 or file")] = "simulated",
    source: Source = None,
    vertex_index: VertexIndex = None,
    mask: Mask = None,
    zoo: Annotated[str, typer.Option(help="whose reconstructors: demo or paper")] = "demo",
    reconstructors: Reconstructors = None,
    store: Annotated[bool, typer.Option("--store", help="make the layers that ship, of all their subjects")] = False,
    listed: Annotated[bool, typer.Option("--list", help="print layers, groups and areas")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print what was written as JSON")] = False,
) -> None:
    """Draw what lies on the cortex (figures 5 and 12 of the paper), or write it for Connectome Workbench or as a table.

    Example: python -m neuroclips brain --subject 1 --out figure5.pdf
    All three subjects: python -m neuroclips brain --subject all --out figure12.png
    """
    given: dict[str, Any] = {
        "model": model,
        "layer": layer,
        "view": view,
        "dpi": dpi,
        "borders": borders,
        "names": names,
    }
    chosen: dict[str, Any] = USUAL | {name: value for name, value in given.items() if value is not None}
    chosen |= {"small": small, "out": out, "dataset": dataset, "store": store, "listed": listed}
    given |= {
        "zoom": zoom or None,
        "small": small or None,
        "flat_left": flat_left,
        "flat_right": flat_right,
        "scale": scale,
        "region": region,
    }
    given |= {"vertex_index": vertex_index, "mask": mask, "reconstructors": reconstructors, "source": source}
    typed = {name: flag(f"no-{name}" if value is False else name) for name, value in given.items() if value is not None}
    expect_effect(chosen, typed | ({"out": "--out"} if out else {}), OF_BRAIN)
    if listed:
        print(_known(as_json))
    elif store:
        from neuroclips.maps.store import store_all

        print(store_all(layers=[layer] if layer else None))
    else:
        from neuroclips.maps.drawn import layered, models_of
        from neuroclips.maps.sources import Sources

        path = _expect_out(out)
        _expect_look(chosen["view"], chosen["dpi"], scale, region)
        beside = {"vertices": vertex_index, "mask": mask}
        numbers = _numbers(subject, dataset, source)
        wanted = models_of(chosen["layer"], chosen["model"])
        sources = [Sources(number, dataset, source, zoo, reconstructors, **beside) for number in numbers]
        found = [layered(one, chosen["layer"], role) for one in sources for role in wanted]
        look = {"borders": chosen["borders"], "names": chosen["names"], "zoom": zoom}
        files, note = _write(path, found, chosen, scale, region, look | {"left": flat_left, "right": flat_right})
        print(_told(found, files, note, as_json))


def _numbers(text: str, dataset: str, source: Path | None) -> list[int]:
    """Subjects of "1,3", or of "all" of a dataset."""
    if text.strip() == "all":
        from neuroclips.data.registry import load_dataset

        return sorted(load_dataset(dataset, source).info.n_voxels)
    words = [word.strip() for word in text.split(",")]
    if not all(map(is_number, words)) or len(set(words)) < len(words):
        raise InputError(f"got subjects {shown(text)}, expected all, or numbers by commas, each once, such as 1,3")
    return [int(word) for word in words]


def _expect_out(out: Path | None) -> Path:
    from neuroclips.disk import expect_folder
    from neuroclips.figures.write import suffix_of

    if out is None:
        raise InputError("got no file to write, expected one: add --out figure5.pdf, or --list")
    suffix_of(out)
    if out.is_dir():
        raise InputError(f"{out}: got a folder, expected the name of a file: choose another name")
    expect_folder(out.parent)
    return out


def _expect_look(view: str, dpi: int, scale: str | None, region: str | None) -> None:
    """Raises InputError for what does not exist, before a layer is computed."""
    from neuroclips.brain.regions import rows_of
    from neuroclips.brain.scales import SCALES
    from neuroclips.figures.write import VIEWS

    if view not in VIEWS:
        raise InputError(f"got view {view!r}, expected one of: {', '.join(VIEWS)}")
    if scale is not None and scale not in SCALES:
        raise InputError(f"got scale {scale!r}, expected one of: {', '.join(SCALES)}")
    expect("dpi", dpi, Annotated[int, Range(20, 1200)])
    if region is not None:
        rows_of(region)


def _write(
    out: Path, found: list[Layered], chosen: dict, scale: str | None, region: str | None, look: dict
) -> tuple[list[Path], str | None]:
    """The files that were written, and what is missing from them, if anything."""
    from neuroclips.figures.write import TABLES, suffix_of
    from neuroclips.maps import tables

    if suffix_of(out) in TABLES:
        return tables.write_table(out, found, region)
    from neuroclips.brain.regions import rows_of
    from neuroclips.figures.flat import Look
    from neuroclips.figures.write import write
    from neuroclips.maps.drawn import cortex_map

    for layer in found:
        tables.expect_index(layer)
    maps = [cortex_map(layer, scale, region) for layer in found]
    drawn = Look(**look, only=None if region is None else rows_of(region))
    return write(out, maps, chosen["view"], drawn, chosen["dpi"], chosen["small"]), None


def _told(found: list[Layered], files: list[Path], note: str | None, as_json: bool) -> str:
    from neuroclips.maps.layers import LAYERS
    from neuroclips.maps.regions import PRECOMPUTED

    about = LAYERS[found[0].layer]
    if as_json:
        maps = [
            {"subject": one.sources.subject, "dataset": one.sources.dataset, "layer": one.layer, "model": one.model}
            | {"voxels": len(one.values), "precomputed": one.stored}
            for one in found
        ]
        record = {"files": [str(path) for path in files], "unit": about.unit, "maps": maps, "missing": note}
        return to_json(record, indent=1)
    if note:
        print(note, file=sys.stderr)
    whose = dict.fromkeys(f"{one.whose}: {PRECOMPUTED[one.stored]}" for one in found)
    lines = [f"{about.label}: {about.meaning} [{about.unit}]", *whose, *(f"wrote {path}" for path in files)]
    return "\n".join(lines)


def _known(as_json: bool) -> str:
    """Layers, groups and areas, as lines or as JSON."""
    from neuroclips.brain.regions import GROUPS, MORE, known_areas
    from neuroclips.maps.layers import LAYERS

    if as_json:
        layers = {name: {"label": one.label, "meaning": one.meaning, "unit": one.unit} for name, one in LAYERS.items()}
        return to_json({"layers": layers, "groups": MORE | GROUPS, "areas": known_areas()}, indent=1)
    lines = ["layers:", *(f"  {name:12} {one.label}: {one.meaning} [{one.unit}]" for name, one in LAYERS.items())]
    lines += ["groups of areas:", *(f"  {name:22} {', '.join(areas)}" for name, areas in (MORE | GROUPS).items())]
    return "\n".join([*lines, "areas, each also as L_V1 or R_V1:", "  " + ", ".join(known_areas())])
