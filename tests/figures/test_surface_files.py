"""GIFTI and CIFTI files as Connectome Workbench reads them: structures, vertices, names, palettes and terms."""

import nibabel
import numpy as np
import pytest

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.errors import InputError
from neuroclips.figures.write import suffix_of, write

N_MESH = 32_492


@pytest.fixture(scope="module")
def folder(maps, tmp_path_factory):
    home = tmp_path_factory.mktemp("surfaces")
    write(home / "weights.dscalar.nii", maps)
    write(home / "weights.func.gii", maps[:1])
    return home


def test_a_dscalar_holds_the_cortex_without_the_medial_wall(maps, folder):
    image = nibabel.load(folder / "weights.dscalar.nii")
    scalars, places = (image.header.get_axis(i) for i in range(2))
    assert image.nifti_header.get_intent()[0] == "ConnDenseScalar" and image.shape == (5, N_CORTEX)
    structures = {name: (places.nvertices[name], len(part)) for name, _, part in places.iter_structures()}
    assert structures == {
        "CIFTI_STRUCTURE_CORTEX_LEFT": (N_MESH, 29_696),
        "CIFTI_STRUCTURE_CORTEX_RIGHT": (N_MESH, 29_716),
    }
    cortex = load_cortex()
    np.testing.assert_array_equal(places.vertex, np.where(cortex.left, cortex.mesh_index, cortex.mesh_index - N_MESH))
    assert scalars.name[0] == "subject 1 (simulated), weights, perception"
    assert scalars.name[2] == "subject 1 (simulated), weights, perception, not scaled"
    values = image.get_fdata()
    np.testing.assert_allclose(values[:2], np.nan_to_num([drawn.shown for drawn in maps]), atol=1e-6)
    np.testing.assert_array_equal(values[4], maps[0].voxels)
    assert "0.25 0.75</UserScaleValues>" in scalars.meta[0]["PaletteColorMapping"] and not scalars.meta[2]
    assert "false</DisplayNegativeData>" in scalars.meta[0]["PaletteColorMapping"]
    about = image.header.matrix.metadata
    assert "HCP Open Access" in about["Provenance"] and "Glasser" in about["Citation"]


def test_signed_maps_lie_around_zero_and_show_both_signs(signed, tmp_path):
    write(tmp_path / "d.dscalar.nii", [signed])
    image = nibabel.load(tmp_path / "d.dscalar.nii")
    values, meta = image.get_fdata()[0], image.header.get_axis(0).meta[0]["PaletteColorMapping"]
    there = ~np.isnan(signed.raw)
    assert not values[~there].any() and values.min() >= -1 and values.max() == 1
    far = there & (np.abs(values) > 0.01)
    np.testing.assert_array_equal(np.sign(values[far]), np.sign(signed.raw[far]))
    assert (values < -0.1).sum() > 100 < (values > 0.1).sum()
    assert "-1 -0.1 0.1 1</UserScaleValues>" in meta and "true</DisplayNegativeData>" in meta
    assert "-0.1 0.1</ThresholdNormalValues>" in meta
    write(tmp_path / "d.func.gii", [signed])
    left, right = (nibabel.load(tmp_path / f"d.{half}.func.gii").darrays[0].data for half in "LR")
    mesh = load_cortex().mesh_index
    np.testing.assert_allclose(np.concatenate([left, right])[mesh], values, atol=1e-6)


@pytest.mark.parametrize("half, structure", [("L", "CortexLeft"), ("R", "CortexRight")])
def test_gifti_files_hold_one_hemisphere_each(maps, folder, half, structure):
    image = nibabel.load(folder / f"weights.{half}.func.gii")
    assert image.meta["AnatomicalStructurePrimary"] == structure and "Glasser" in image.meta["Citation"]
    scaled, raw, voxels = image.darrays
    assert scaled.meta["Name"] == maps[0].name and len(scaled.data) == N_MESH
    cortex = load_cortex()
    mine = cortex.left == (half == "L")
    vertices = cortex.mesh_index[mine] - (0 if half == "L" else N_MESH)
    np.testing.assert_allclose(scaled.data[vertices], np.nan_to_num(maps[0].shown[mine]))
    wall = np.setdiff1d(np.arange(N_MESH), vertices)
    assert len(wall) and not scaled.data[wall].any() and voxels.data.sum() == maps[0].voxels[mine].sum()


def test_the_terms_of_use_lie_beside(folder):
    words = (folder / "weights.LICENSE.txt").read_text(encoding="utf-8")
    assert "HCP Open Access Data Use Terms" in words and "Glasser" in words and "1U54MH091657" in words


def test_unknown_suffixes_are_told_the_known_ones(tmp_path):
    with pytest.raises(InputError, match=r"got map.nii, expected a name that ends in one of: .png, .svg"):
        suffix_of(tmp_path / "map.nii")
    with pytest.raises(InputError):
        suffix_of(tmp_path / ".png")
