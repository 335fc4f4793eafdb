"""Small files of the kinds that scientists have, and the ways in which they come to harm."""

import json
import zipfile

import nibabel
import numpy as np
from nibabel.gifti import GiftiDataArray, GiftiImage, GiftiMetaData

from neuroclips.data.surfaces import N_MESH

SHAPE = (3, 4, 5)
N_VOLUMES = 30
DAMAGES = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[: len(whole) * 2 // 3],
    "junk": lambda whole: b"\x93\x00junk" * 100,
    "text": lambda whole: b"<html>404 Not Found</html>",
    "pointer": lambda whole: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
}


def run_values(seed=0):
    """(3, 4, 5, 30) around 100."""
    return 100 + np.random.default_rng(seed).standard_normal((*SHAPE, N_VOLUMES))


def mask_values():
    """(3, 4, 5) with three voxels marked."""
    values = np.zeros(SHAPE, np.uint8)
    values[1, 2, :3] = 1
    return values


def nifti(path, values, tr=2.0, unit="sec", affine=None, kind=nibabel.Nifti1Image):
    """Write an array as NIfTI; volumes are `tr` apart, in `unit`."""
    image = kind(values, np.eye(4) if affine is None else affine)
    image.header.set_xyzt_units("mm", unit)
    if values.ndim == 4:
        image.header["pixdim"][4] = tr
    nibabel.save(image, path)
    return path


def run_and_mask(folder, run=None, mask=None, name="run.nii", **about):
    """A run that varies and a mask that fits it, or what is given in their place."""
    path = nifti(folder / name, run_values() if run is None else run, **about)
    return path, nifti(folder / "mask.nii", mask_values() if mask is None else mask)


def hemisphere(path, n_vertices=N_MESH, n_volumes=10, seed=0, side=None, step=None):
    """Write volumes (n_volumes, n_vertices) of noise as GIFTI; gives them back."""
    values = np.random.default_rng(seed).standard_normal((n_volumes, n_vertices)).astype(np.float32)
    about = {"AnatomicalStructurePrimary": side, "TimeStep": step and str(step)}
    image = GiftiImage(meta=GiftiMetaData({name: value for name, value in about.items() if value}))
    for volume in values:
        image.add_gifti_data_array(GiftiDataArray(volume, intent="NIFTI_INTENT_TIME_SERIES"))
    nibabel.save(image, path)
    return values


def both_hemispheres(folder, n_vertices=N_MESH, **about):
    """fMRIPrep's pair with the .json that tells the TR; the paths."""
    paths = [folder / f"sub-1_hemi-{half}_space-fsLR_den-91k_bold.func.gii" for half in "LR"]
    for seed, path in enumerate(paths):
        hemisphere(path, n_vertices, seed=seed, **about)
        path.with_name(path.name.replace(".func.gii", ".json")).write_text(json.dumps({"RepetitionTime": 2.0}))
    return paths


def change_zip(path, offset, value):
    """Change a byte of the first member's header: at 6 lie the flags, at 8 the method of compression."""
    whole = bytearray(path.read_bytes())
    whole[offset] = whole[whole.index(b"PK\x01\x02") + offset + 2] = value  # in the directory two bytes further
    path.write_bytes(whole)


def compress_zip(path):
    """Write a zip again with its members compressed."""
    with zipfile.ZipFile(path) as old:
        members = [(member.filename, old.read(member)) for member in old.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members:
            new.writestr(name, content)
