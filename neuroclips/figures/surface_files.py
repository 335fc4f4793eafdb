"""Maps as files of surface software, such as Connectome Workbench: GIFTI, one per hemisphere, and CIFTI-2 dscalar.

Every vertex has the value of the nearest voxel within 3 mm, and 0, which is not drawn, where there is none: maps named
"voxels" say where the voxels themselves are. Scaled maps of signed layers go from -1 to 1, others from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import nibabel
import numpy as np
from nibabel.cifti2 import BrainModelAxis, Cifti2Image, Cifti2MetaData, ScalarAxis

from neuroclips.brain.cortex import load_cortex
from neuroclips.figures.cortex_map import Colours, CortexMap
from neuroclips.figures.terms import CITATION, SHORT
from neuroclips.files import whole_file

N_MESH = 32_492  # vertices of a hemisphere
HALVES = {"L": "CortexLeft", "R": "CortexRight"}
DENSE_SCALARS = 3006  # the NIfTI intent of a dscalar
INTENTS = {".shape.gii": "NIFTI_INTENT_SHAPE", ".func.gii": "NIFTI_INTENT_NONE"}


def named_maps(maps: Sequence[CortexMap]) -> Iterator[tuple[str, np.ndarray, Colours | None]]:
    """Name, values (59412,) and colours: the scaled maps, then the values themselves, then where voxels are."""
    yield from ((drawn.name, drawn.centred, drawn.colours) for drawn in maps)
    yield from ((f"{drawn.name}, not scaled", drawn.raw, None) for drawn in maps)
    places = {drawn.row: drawn.voxels for drawn in maps}
    yield from ((f"{row}, voxels", voxels, None) for row, voxels in places.items())


def write_dscalar(path: Path, maps: Sequence[CortexMap]) -> None:
    """Write a CIFTI-2 file of the 59,412 vertices of both hemispheres, which leave out the medial wall."""
    names, arrays, colours = zip(*named_maps(maps), strict=True)
    meta = [{"PaletteColorMapping": palette(own)} if own else {} for own in colours]
    values = np.nan_to_num(np.stack(arrays).astype(np.float32))  # (n_maps, 59412)
    image = Cifti2Image(values, (ScalarAxis(names, meta), places()))
    about = {"Provenance": SHORT, "Citation": CITATION, "Content": maps[0].label}
    image.header.matrix.metadata = Cifti2MetaData(about)
    image.nifti_header.set_intent(DENSE_SCALARS, name="ConnDenseScalar")
    image.nifti_header.set_data_dtype(np.float32)
    with whole_file(path) as partial:
        partial.write_bytes(image.to_bytes())


def places() -> BrainModelAxis:
    """The vertices of the cortex, left hemisphere first."""
    cortex = load_cortex()
    left, right = cortex.mesh_index[cortex.left], cortex.mesh_index[~cortex.left] - N_MESH
    axis = BrainModelAxis.from_surface(left, N_MESH, "CIFTI_STRUCTURE_CORTEX_LEFT")
    return axis + BrainModelAxis.from_surface(right, N_MESH, "CIFTI_STRUCTURE_CORTEX_RIGHT")


def write_gifti(path: Path, maps: Sequence[CortexMap]) -> list[Path]:
    """Write NAME.L.func.gii and NAME.R.func.gii for NAME.func.gii, .shape.gii alike, with all 32,492 vertices."""
    suffix = next(known for known in INTENTS if path.name.lower().endswith(known))
    written = []
    for half, structure in HALVES.items():
        out = path.with_name(f"{path.name[: -len(suffix)]}.{half}{suffix}")
        about = {"AnatomicalStructurePrimary": structure, "Provenance": SHORT, "Citation": CITATION}
        image = nibabel.GiftiImage(meta=nibabel.gifti.GiftiMetaData(about))
        for name, values, colours in named_maps(maps):
            image.add_gifti_data_array(_array(_half(values, half), name, colours, INTENTS[suffix]))
        with whole_file(out) as partial:
            partial.write_bytes(image.to_bytes())
        written.append(out)
    return written


def _half(values: np.ndarray, half: str) -> np.ndarray:
    """Values (59412,) on the whole mesh of a hemisphere, (32492,)."""
    cortex, mesh = load_cortex(), np.zeros(2 * N_MESH, np.float32)
    mesh[cortex.mesh_index] = np.nan_to_num(values)
    return mesh[:N_MESH] if half == "L" else mesh[N_MESH:]


def _array(values: np.ndarray, name: str, colours: Colours | None, intent: str):
    about = {"Name": name} | ({"PaletteColorMapping": palette(colours)} if colours else {})
    return nibabel.gifti.GiftiDataArray(
        values, intent=intent, datatype="NIFTI_TYPE_FLOAT32", meta=nibabel.gifti.GiftiMetaData(about)
    )


def palette(colours: Colours) -> str:
    """How Workbench shows a map when it is opened: between the ends of the bar, without what is left to the folds."""
    low, high = (colours.centred(end) for end in (colours.hidden[1], colours.high))
    shown = {
        "ScaleMode": "MODE_USER_SCALE",
        "UserScaleValues": f"{-high:g} {-low:g} {low:g} {high:g}",
        "PaletteName": "ROY-BIG-BL",
        "InterpolatePalette": "true",
        "DisplayPositiveData": "true",
        "DisplayZeroData": "false",
        "DisplayNegativeData": str(colours.signed).lower(),
        "ThresholdTest": "THRESHOLD_TEST_SHOW_OUTSIDE",
        "ThresholdType": "THRESHOLD_TYPE_NORMAL",
        "ThresholdFailureInGreen": "false",
        "ThresholdNormalValues": f"{-low:g} {low:g}",
    }
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in shown.items())
    return f'<PaletteColorMapping Version="1">{inner}</PaletteColorMapping>'
