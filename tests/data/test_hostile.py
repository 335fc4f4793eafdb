"""What `reconstruct --dataset X --source Y` says of files that are not what they should be: one line, exit code 2."""

import os

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.data.cc2017 import Cc2017Layout
from neuroclips.data.registry import load_dataset
from neuroclips.data.simulated import file_of
from neuroclips.errors import InputError
from tests.data.builders import DAMAGES, both_hemispheres, mask_values, nifti, run_and_mask, run_values

SAMPLES = np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32)
FILES = ("mine.npy", "mine.npz", "run.nii", "run.nii.gz", "run.dtseries.nii", "x_hemi-L.func.gii", "mine.csv")
HOSTILE = {
    **{
        name: (lambda damage: lambda path: path.write_bytes(damage(b"\x93NUMPY" * 99)))(DAMAGES[name])
        for name in DAMAGES
    },
    "folder": lambda path: path.mkdir(),
    "pipe": lambda path: os.mkfifo(path),
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "missing": lambda path: None,
    "device": lambda path: path.symlink_to("/dev/zero"),
}


def beside(folder):
    """A mask and a vertex index that nothing is wrong with."""
    np.save(folder / "index.npy", np.arange(5))
    return {"mask": nifti(folder / "mask.nii", mask_values()), "vertex_index": folder / "index.npy"}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_named(tmp_path, name, kind):
    HOSTILE[kind](tmp_path / name)
    given = beside(tmp_path)
    given = {"mask": given["mask"]} if name.startswith("run.nii") else {"vertex_index": given["vertex_index"]}
    with pytest.raises(InputError, match=name.replace(".", r"\.")) as caught:
        load_dataset("file", tmp_path / name, **given)
    assert "\n" not in str(caught.value) and "expected" in str(caught.value)


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("option", ["mask", "vertex_index"])
def test_a_hostile_file_beside_it_is_named(tmp_path, option, kind):
    name = {"mask": "hostile.nii", "vertex_index": "hostile.npy"}[option]
    HOSTILE[kind](tmp_path / name)
    source = run_and_mask(tmp_path)[0] if option == "mask" else tmp_path / "mine.npy"
    np.save(tmp_path / "mine.npy", SAMPLES)
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        load_dataset("file", source, **{option: tmp_path / name})


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("dataset", ["simulated", "swapped", "noise", "null", "cc2017"])
def test_a_hostile_folder_is_named(tmp_path, dataset, kind):
    names = {"cc2017": ["subj01_test_fmri.pt"], "null": ["null.npz"]}.get(dataset, [file_of(s) for s in (1, 2, 3)])
    for name in names:
        HOSTILE[kind](tmp_path / name)
    with pytest.raises(InputError, match=names[0].replace(".", r"\.")):
        load_dataset(dataset, tmp_path).sample(0 if dataset == "null" else 1, 0)


@pytest.mark.parametrize("dataset", ["simulated", "cc2017", "file"])
@pytest.mark.parametrize("kind", ["missing", "empty", "pipe"])
def test_a_source_that_is_no_folder_is_named(tmp_path, dataset, kind):
    HOSTILE[kind](tmp_path / "mine.npy")
    with pytest.raises(InputError, match=r"mine\.npy"):
        load_dataset(dataset, tmp_path / "mine.npy").sample(1, 0)


def _samples(folder, array):
    np.save(folder / "mine.npy", array)
    return {"source": folder / "mine.npy"}


def _nifti(folder, run=None, mask=None, **about):
    run, mask = run_and_mask(folder, run, mask, **about)
    return {"source": run, "mask": mask}


def _authors(folder, value):
    torch.save(value, folder / "subj01_test_fmri.pt")
    return {"dataset": "cc2017", "source": folder}


def _surface(folder, n_vertices):
    left, _ = both_hemispheres(folder, n_vertices, n_volumes=8)
    np.save(folder / "index.npy", np.arange(5))
    return {"source": left, "vertex_index": folder / "index.npy"}


COMMANDS = {
    "NaN": (lambda folder: _samples(folder, SAMPLES * np.nan), "mine.npy: got 15 of 15 values that are NaN"),
    "complex": (lambda folder: _samples(folder, SAMPLES * 1j), "mine.npy: got values of type complex64"),
    "TR": (lambda folder: _nifti(folder, tr=0.72), "run.nii: got a TR of 0.72 s, expected 2 s"),
    "mask": (lambda folder: _nifti(folder, mask=0 * mask_values()), "mask.nii: got a mask of zeros"),
    "3-D": (lambda folder: _nifti(folder, run_values()[..., 0]), "run.nii: got shape (3, 4, 5), expected 4"),
    "mesh": (lambda folder: _surface(folder, 10_242), "10,242 vertices (fsaverage5), expected 32,492"),
    "sparse": (
        lambda folder: _authors(folder, torch.ones(Cc2017Layout().shape("subj01_test_fmri.pt")[:1]).to_sparse()),
        "subj01_test_fmri.pt: got a tensor that is sparse",
    ),
    "cut": (lambda folder: {"source": _cut(folder)}, "mine.npz: got a file that does not read"),
    "pipe": (lambda folder: {"source": _pipe(folder)}, "pipe.npy: got no plain file"),
    "shipped": (lambda folder: {"dataset": "simulated", "source": folder}, "no subject1.npz, subject2.npz"),
}


def _cut(folder):
    np.savez(folder / "mine.npz", fmri=SAMPLES)
    (folder / "mine.npz").write_bytes((folder / "mine.npz").read_bytes()[:100])
    return folder / "mine.npz"


def _pipe(folder):
    os.mkfifo(folder / "pipe.npy")
    return folder / "pipe.npy"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_says_one_line_and_writes_nothing(tmp_path, name):
    build, says = COMMANDS[name]
    given = {"dataset": "file", "out": tmp_path / "out"} | build(tmp_path)
    words = [word for key, value in given.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    result = CliRunner().invoke(app, ["reconstruct", "--json", *words])
    assert result.exit_code == 2 and says in result.stderr, result.stderr
    assert len(result.stderr.strip().splitlines()) == 1 and not (tmp_path / "out").exists()
