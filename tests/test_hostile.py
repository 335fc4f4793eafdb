"""Every verb with values that make no sense: one line, exit code 2, nothing written, and no model loaded for it."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from neuroclips import zoo
from neuroclips.cli import app
from neuroclips.cli.root import refuse_empty
from neuroclips.disk import expect_folder
from neuroclips.errors import InputError
from neuroclips.faults import explain
from neuroclips.files import whole_file
from neuroclips.paths import ROOT

WITH_VALUES = {
    "reconstruct --out OUT": {
        "--video-steps -3": "got video steps -3, expected 1 or more and up to 1000",
        "--video-steps 100000": "got video steps 100000",
        "--seed 99999999999999999999": "got seed 99999999999999999999, expected 0 or more",
        "--seed -1": "got seed -1",
        "--start nan": "got video start nan, expected a finite number, a share of the schedule",
        "--start 0": "got video start 0.0",
        "--solver heun": "got video solver 'heun', expected one of: ddim, dpm, euler",
        "--set theta=NaN": "got theta nan, expected a finite number, 0 or more and below 1",
        "--set video_guidance=Infinity": "got video guidance inf",
        "--set seed=1.5": "got seed 1.5, expected a whole number",
        "--set video_steps=true": "got video steps True, expected a whole number",
        "--pixels 20": "got pixels 20, expected 32 or more and up to 4096",
        "--pixels 100": "got pixels 100, expected a multiple of 8, as animatediff makes them",
        "--video ltx": "got video model 'ltx', expected one of: animatediff",
        "--set n_video_frames=33": "got n video frames 33, expected at most 32: the motion modules of zoo demo",
        "--set guidance.alpha=1": "guidance: got alpha 1, expected true or false",
        "--set theta=0.1 --set theta=0.2": "got --set theta twice",
        "--set theta=": "expected NAME=VALUE",
        "--video-steps 3 --set video_steps=4": "got --video-steps and --set video_steps, expected one of them",
        "--seed 0 --set seed=4": "got --seed and --set seed, expected one of them",
        "--alpha --set guidance.alpha=false": "got --alpha and --set guidance.alpha, expected one of them",
        "--subject -1": "got subject -1, expected 0 or more",
        "--clip -1": "got clip -1, expected 0 or more",
        f"--clip {10**40}": "clips 0 to 299",
        "--vertex-index x.npy": "got --vertex-index, which has an effect only with --dataset file",
        "--mask m.nii": "got --mask, which has an effect only with --dataset file",
        "--captioner llama --no-gamma": "got captioner 'llama', expected one of: blip2, git",
        "--captioner git --no-gamma": "got --captioner, which has an effect only with the caption",
        "--set captioner=git --no-beta": "got --set captioner, which has an effect only with the caption",
        "--no-beta --gamma": "got --gamma, which has an effect only with the keyframe",
        "--no-beta --set keyframe_steps=3": "got --set keyframe_steps, which has an effect only with the keyframe",
        "--no-beta --set prior_samples=3": "got --set prior_samples, which has an effect only with the keyframe",
        "--no-alpha --start 0.5": "got --start, which has an effect only with the blurry video",
        "--no-alpha --set theta=0.1": "got --set theta, which has an effect only with the blurry video",
        "--lesion V11": "got region 'V11', expected an area of Glasser et al. or a group, such as: V1",
        "--keep disc:1:2": "got 'disc:1:2', expected a disc",
        "--lesion V1 --keep V2": "got regions to silence and regions to keep, expected one of them",
        "--lesion V1 --silence loud": "got silence 'loud', expected one of: zero, mean, noise",
        "--silence noise": "got --silence, which has an effect only with --lesion or --keep",
        "--lesion 44": "got 44, where subject 1 has no voxel, expected regions that have some: V1, V2",
        "--clips 7-3": "got clips '7-3', expected all, FIRST-LAST, or numbers by commas",
        "--clips 290-300": "got clips '290-300', expected some of 0 to 299",
        "--clips all --clip 3": "got --clip, which has an effect only without --clips",
        "--clips all --batch-size 0": "got batch size 0, expected 1 or more and up to 1024",
        "--clips 0-1 --fuse --batch-size -3": "got batch size -3, expected 1 or more and up to 1024",
        "--clips 0-1 --fuse --batch-size 0": "got batch size 0, expected 1 or more and up to 1024",
        "--clips all --portion 4/3": "got portion '4/3', expected WHICH/OF, from 1/10 to 10/10",
        "--batch-size 4": "got --batch-size, which has an effect only with --clips, of many clips",
        "--portion 1/3": "got --portion, which has an effect only with --clips, of many clips",
        "--clips all --out FILE": "expected a folder: choose another name",
        "--out FILE": "expected a folder: choose another name",
        "--out FILE/below": "expected a folder: choose another name",
        f"--out {'x' * 300}": "File name too long: choose a shorter name",
    },
    "reconstruct --dataset file --source FILE.npy --out OUT": {
        "--mask m.nii": "got the mask m.nii with it, expected none: masks are for NIfTI files",
        "--subject 9": "no reconstructors for subject 9",
        "--set prior_steps=500": "got prior steps 500, expected at most 100",
        "--lesion V1": "lesions need to know where voxels are (--vertex-index of a file)",
    },
    "calibrate --source FILE.npy --out OUT": {
        "--subject 2": "got fMRI alone, expected to know what each sample is for",
        "--subject -1": "got subject -1, expected 0 or more",
        "--clips FILE.npy": "got clips of shape",
        "--mask m.nii": "masks are for NIfTI files",
        "--out FILE": "expected a folder",
    },
    "lesions --out OUT": {
        "--subject 1,1": "got subjects '1,1', expected all, or numbers by commas, each once",
        "--subject 9": "subjects 1, 2, 3",
        "--clips 290-300": "got clips '290-300', expected some of 0 to 299",
        "--films 301": "got films 301, expected 0 or more and up to 300",
        "--silence loud": "got silence 'loud', expected one of: zero, mean, noise",
        "--figure m.foo": "m.foo: got the suffix '.foo', expected one of: .png, .svg, .pdf",
    },
    "doctor": {"--zoo big": "got zoo 'big', expected one of: demo, paper"},
    "download": {
        "--zoo big": "got zoo 'big', expected one of: demo, paper",
        "--role ear": "got role 'ear', expected one of zoo paper: clip, codec",
        "--to FILE": "expected a folder",
    },
    "reconstruct --subject 1": {
        "--device gpu": "got device 'gpu', expected one of: cpu",
        "--device cuda:-1": "got device 'cuda:-1', expected one of: cpu",
        "--dtype int8": "got dtype 'int8', expected one of: float32, bfloat16, float16",
        "--device cpu --dtype float16": "got dtype float16 on the device cpu",
        "--memory much": "got memory 'much', expected one of: whole, in turn, layers",
    },
    "bench": {
        "--clips 0": "got clips 0, expected 1 or more and up to 299",
        "--clips 300": "got clips 300",
        "--subject -1": "got subject -1",
        "--video-steps 0": "got video steps 0",
        "--set n_video_frames=40": "expected at most 32",
        "--zoo paper": "or add --random-weights",
        "--random-weights": "only with --zoo paper",
        "--pixels 256": "only with --zoo paper --random-weights",
        "--zoo paper --random-weights --clips 3": "without --random-weights",
        "--zoo paper --random-weights --batch 4,4": "got batch '4,4'",
        "--zoo paper --random-weights --seconds 0": "got seconds 0",
    },
    "precompute": {
        "--clips 40:0": "expected FIRST:LAST+1",
        "--clips 5:5": "expected FIRST:LAST+1",
        "--clips 0:301": "at most 0:300",
        "--clips ²:3": "expected FIRST:LAST+1",
        "--subject -1": "simulated has subjects 1, 2, 3",
        "--subject 9": "simulated has subjects 1, 2, 3",
    },
    "evaluate": {
        "--subject -1": "got subjects '-1', expected all, or numbers by commas",
        "--subject 1,1": "each once",
        "--subject 9": "simulated has subjects 1, 2, 3",
        "--protocol vbench": "got protocol 'vbench', expected one of: paper",
        "--clips 300": "expected some of 0 to 299",
        "--clips 5-2": "expected all, FIRST-LAST, or numbers",
        "--seed -1": "got seed -1",
        "--dataset null": "null has subjects 0",
        "--dataset preprocessed": "needs its folder or file",
        "--dataset file --source FILE.npy": "got dataset file, which has no films to compare with",
        "--dataset swapped --controls": "got --controls, which has an effect only with --dataset simulated",
        "--zoo paper --controls": "got --controls, which has an effect only with --zoo demo",
        "--device tpu": "got device",
        "--out FILE": "expected a folder",
    },
    "from-brain --out OUT": {
        "--clip -1": "got clip -1, expected 0 or more",
        "--clip 300": "simulated has test clips 0 to 299",
        "--clips 0,300": "expected some of 0 to 299",
        "--clips 1 --clip 2": "got --clip, which has an effect only without --clips",
        "--subject 9": "simulated has subjects 1, 2, 3",
        "--clips 1 --subject 9": "simulated has subjects 1, 2, 3",
        "--seed -1": "got seed -1",
        "--set theta=NaN": "got theta nan",
        "--dataset preprocessed": "needs its folder or file",
        "--mask m.nii": "got --mask, which has an effect only with --dataset file",
        "--device tpu": "got device",
        "--out FILE": "expected a folder",
    },
    "score --target DATA --prediction DATA": {
        "--protocol big": "got protocol 'big', expected one of: paper, mind-video",
        "--judge llama": "got judge 'llama', expected one of: none, demo, paper",
        "--block 0": "got block 0, expected 1 or more and up to 10000",
        "--target FILE": "got a file, expected a folder of films",
        "--prediction OUT --judge demo": "no folder",
        "--json": "subject1: got a folder without pictures",
    },
    "brain --out OUT.png": {
        "--layer weight": "got layer 'weight', expected one such as: weights",
        "--model prior": "got model 'prior', expected one of: perception, semantic, both",
        "--scale log": "got scale 'log', expected one of: min-max, robust",
        "--region V1,FFA": "got region 'FFA', expected an area of Glasser et al. or a group, such as: FFC",
        "--view round": "got view 'round', expected one of: flat, inflated",
        "--dpi 0": "got dpi 0, expected 20 or more and up to 1200",
        "--subject 1,1": "got subjects '1,1', expected all, or numbers by commas, each once",
        "--subject 9": "subject9",
        "--flat-left FILE": "got what nibabel does not read as a GIFTI surface, expected .surf.gii",
        "--flat-right x.surf.gii": "x.surf.gii: got no file, expected a flat surface",
        "--view inflated --zoom": "got --zoom, which has an effect only with --view flat and a picture",
        "--mask m.nii": "got --mask, which has an effect only with --dataset file",
        "--list": "got --out, which has an effect only without --list",
        "--store": "got --out, which has an effect only without --store",
        "--out OUT.jpg": "expected a name that ends in one of: .png, .svg, .pdf, .html, .dscalar.nii",
    },
    "brain": {
        "--out OUT.csv --view flat": "got --view, which has an effect only with a picture",
        "--out OUT.csv --scale robust": "got --scale, which has an effect only without a table",
        "--out OUT.html --no-borders": "got --no-borders, which has an effect only with --view flat and a picture",
        "--out OUT.svg --small": "got --small, which has an effect only with a .png",
        "--out FILE/below.png": "expected a folder",
        "--dpi 300": "got --dpi, which has an effect only with a picture",
        "--subject 1": "got no file to write, expected one: add --out figure5.pdf, or --list",
        "--out OUT.png --dataset file --source FILE.npy": "no flat map, inflated surface, GIFTI or CIFTI file",
    },
    "app": {
        "--port -1": "got --port -1, expected 1 or more and up to 65535",
        "--port 0": "got --port 0",
        "--port 99999": "got --port 99999",
    },
    "loop FILE": {
        "--noise -1": "got noise -1.0, expected 0 or more and up to 10",
        "--noise nan": "got noise nan, expected a finite number",
        "--repeats 11": "got repeats 11, expected 1 or more and up to 10",
        "--noise 0 --repeats 3": "got --repeats, which has an effect only with noise",
        "--density 0": "got density 0.0, expected above 0 and up to 1",
        "--seed -1": "got seed -1",
        "--subject 9": "simulated has subjects 1, 2, 3",
        "--out FILE": "expected a folder",
        "--out OUT": "got a file that does not read",
    },
    "simulate --subjects 1": {
        "--out FILE": "expected a folder",
        "--raw --out FILE": "expected a folder",
        "--density half --out OUT": "got density 'half'",
    },
    "preprocess --raw DATA --out OUT/p": {
        "--alpha 0": "got alpha 0.0, expected above 0 and up to 1",
        "--alpha nan": "got alpha nan, expected a finite number",
        "--delay nan": "got delay nan, expected a finite number",
        "--delay inf": "got delay inf",
        "--delay 1e300": "expected 0, 2, 4, 6 or 8",
        "--one-sided --alpha 1": "got --one-sided, which has an effect only with --alpha below 1",
        "--subject ²": "got no folder ²",
        "--subject ../x": "got subject '../x', expected a number or the name of a folder",
        "--out FILE": "expected a folder",
    },
    "import-checkpoint FILE --out OUT/i": {
        "--subject -1": "got subject -1, expected 0 or more",
        "--subject 1 --ridge-index -1": "got ridge index -1, expected 0 or more",
        "--subject 1 --condition other": "got condition 'other', expected one of: projected, backbone",
        "--subject 1 --dtype int8": "got dtype 'int8'",
        "--subject 1 --out FILE": "expected a folder",
    },
    "convert-unclip FILE --out OUT/u": {
        "--dtype int8": "got dtype 'int8', expected one of: float32, bfloat16, float16",
        "--dtype float16": "got a pickle that is damaged or more than tensors",
        "--out FILE": "expected a folder",
    },
    "train --out OUT/w --run-dir OUT/r --stage semantic --subject 1 --dataset preprocessed --source DATA": {
        "--steps 0": "got steps 0, expected 1 or more",
        "--epochs 0": "got epochs 0, expected 1 or more",
        "--steps 3 --epochs 2": "got steps 3 and epochs 2, expected one of them",
        "--steps 3 --seconds 2": "got steps 3 and seconds 2.0, expected one of them",
        "--seconds 0": "got seconds 0.0, expected above 0",
        "--batch-size 0": "got batch size 0, expected 1 or more",
        "--batch-size 7 --accumulate 2": "got batch size 7 in 2 parts, expected a multiple of them",
        "--batch-size 2 --accumulate 4": "got batch size 2 in 4 parts",
        "--accumulate -1": "got accumulate -1, expected 1 or more",
        "--learning-rate 0": "got learning rate 0.0, expected above 0 and up to 10",
        "--learning-rate inf": "got learning rate inf",
        "--mixed-precision int8": "expected one of: no, bf16, fp16",
        "--minutes -1": "got minutes -1.0, expected 2 or more",
        "--minutes nan": "got minutes nan",
        "--minutes 9": "got 9 minutes, expected at most 8",
        "--set recipe.ema=7": "recipe: got ema 7.0, expected 0 or more and below 1",
        "--set recipe.seed=99999999999999999999": "recipe: got seed 99999999999999999999",
        "--set recipe.epochs=3 --set recipe.steps=3": "recipe: got steps 3 and epochs 3, expected one of them",
        "--steps 3 --set recipe.steps=4": "got --steps and --set recipe.steps, expected one of them",
        "--set network.dropout=1": "network: got dropout 1.0",
        "--set network.hidden_dim=-4": "network: got hidden dim -4",
        "--set network.n_tokens=3": "got --set network.n_tokens, which has an effect only where",
        "--set prior.heads=3": "prior: got 3 heads, expected a number that divides",
        "--set prior.depth=2": "got --set prior.depth, which has an effect only with joint=true",
        "--set mu=2": "got --set mu, which has an effect only with joint=true",
        "--set joint=true --set reftm=1": "got --set reftm, which has an effect only with joint=false",
        "--set contrast=softclip --set beta=1": "got --set beta, which has an effect only with contrast=bimixco",
        "--set contrast=none --set temperature=1": "got --set temperature, which has an effect only with a contrast",
        "--set reftm=0 --set text_temperature=1": "got --set text_temperature, which has an effect only with Reftm",
        "--backbone DATA --set network.dropout=0": "got --set network.dropout, which has an effect only",
        "--subject 1,1": "each once",
        "--stimuli x": "got --stimuli for the simulated data",
        "--run-dir FILE": "expected a folder",
        "--out FILE/below": "expected a folder",
    },
    "train --out OUT/w --run-dir OUT/r --subject 1": {
        "--stage perception --set contrast=0 --set temperature=1": "has an effect only with contrast above 0",
        "--stage perception --set network.latent_side=8": "got --set network.latent_side, which has",
        "--stage perception --set network.extend=voxels": "got ridge.start=frozen with network.extend=voxels",
        "--stage perception --set network.channels=[12,8]": "network: got channels (12, 8), expected",
        "--stage prior --set mu=0 --set text_temperature=1": "has an effect only with mu above 0",
        "--stage prior --set delta=0": "got delta 0.0, expected above 0",
        "--stage prior --set network.clip_dim=64": "got --set network.clip_dim, which has an effect only where",
        "--stage linear --epochs 3": "got --epochs, which stage linear does not use",
    },
    "train --out OUT/w --run-dir OUT/r": {
        "--stage projector --set network.clip_dim=64": "got --set network.clip_dim, which has an effect only where",
        "--stage fusion --set hidden_dim=0": "got hidden dim 0, expected 1 or more",
        "--stage zoo-codec --batch-size 0": "got batch size 0, expected 1 or more",
        "--stage zoo-codec --accumulate 3": "in 3 parts, expected a multiple of them",
    },
}
CASES = [(verb, words, says) for verb, cases in WITH_VALUES.items() for words, says in cases.items()]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A file in the way, a sample, and a dataset of two films."""
    home = tmp_path_factory.mktemp("hostile")
    (home / "file").write_text("in the way")
    np.save(home / "sample.npy", np.zeros((1, 3286), np.float32))
    (home / "data" / "subject1").mkdir(parents=True)
    meta = {"dataset": "simulated", "subject": "subject1", "films": ["seg1", "seg2"], "n_voxels": 3, "tr": 2.0}
    (home / "data" / "subject1" / "meta.json").write_text(json.dumps(meta))
    np.save(home / "data" / "subject1" / "train_fmri.npy", np.zeros((480, 2, 3), np.float32))
    return {"FILE.npy": home / "sample.npy", "FILE": home / "file", "DATA": home / "data"}


@pytest.fixture
def no_large_model(monkeypatch):
    """Reconstructors are small and are read before the rest; any other model is a test that failed."""

    def refused(zoo_, part, *_):
        raise AssertionError(f"{part.role} was loaded")

    monkeypatch.setattr(zoo, "_load", refused)


@pytest.mark.parametrize(("verb", "words", "says"), CASES, ids=[f"{v.split()[0]} {w}"[:70] for v, w, _ in CASES])
def test_what_makes_no_sense_is_refused_in_one_line(verb, words, says, places, no_large_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = f"{verb} {words}"
    for name, path in {**places, "OUT": tmp_path / "out"}.items():
        given = given.replace(name, str(path))
    done = CliRunner().invoke(app, given.split(" "))
    assert done.exit_code == 2 and says in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("neuroclips: ")
    assert not list(tmp_path.iterdir())


EMPTY = [("reconstruct", o) for o in ("--out", "--source", "--vertex-index", "--mask", "--reconstructors")]
EMPTY += [("train", o) for o in ("--out", "--run-dir", "--source", "--stimuli", "--backbone", "--start")]
EMPTY += [("simulate", "--out"), ("preprocess", "--raw"), ("preprocess", "--out"), ("import-checkpoint", "--out")]
EMPTY += [("brain", o) for o in ("--out", "--flat-left", "--flat-right", "--vertex-index", "--reconstructors")]
EMPTY += [("convert-unclip", "--out"), ("download", "--to"), ("score", "--target"), ("score", "--prediction")]
EMPTY += [("loop", "--out")]


@pytest.mark.parametrize(("verb", "option"), EMPTY)
@pytest.mark.parametrize("value", ["", " ", "a\0b"])
def test_no_path_is_empty(verb, option, value):
    """Python takes an empty path for the folder one is in, over which weights were written."""
    for words in ([verb, option, value], [verb, f"{option}={value}"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2 and done.stderr == (
            f"neuroclips: got {option} {value!r}, expected the path of a file or folder: name one\n"
        )


def test_other_options_may_be_empty():
    refuse_empty(["--subject", "", "--out", "x"], ["--out"])


def test_folders_that_are_or_could_be_are_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert expect_folder(tmp_path) == tmp_path and expect_folder(Path("new/below")) == Path("new/below")
    assert not list(tmp_path.iterdir())


def _of(error: OSError) -> str:
    code, said = explain(error)
    assert code == 2 and "\n" not in said
    return said


def test_what_the_system_refuses_is_one_line_with_place_reason_and_advice(tmp_path):
    (tmp_path / "file").write_text("")
    for place, says in {
        tmp_path / "file" / "below": "Not a directory: a file is in the way: choose another name",
        tmp_path / "file": "File exists: a file is in the way: choose another name",
        tmp_path / ("x" * 300): "File name too long: choose a shorter name",
        Path("/proc/nothing"): "No such file or directory: check the name",
    }.items():
        with pytest.raises(OSError) as caught:
            place.mkdir()
        assert says in _of(caught.value)
    with pytest.raises(IsADirectoryError) as caught:
        tmp_path.open("w")
    assert str(tmp_path)[:40] in _of(caught.value) and "Is a directory: name a file" in _of(caught.value)
    assert _of(OSError(errno.ENOSPC, "No space left on device")) == (
        "neuroclips: No space left on device: make room and start again"
    )
    assert _of(OSError("the port\nis taken")) == "neuroclips: the port: see to that and start again"


FULL = """
import resource, sys, torch
import numpy as np
from pathlib import Path
from neuroclips.faults import explain
from neuroclips.files import save_array
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.projector import ProjectorConfig
from neuroclips.train.engine import checkpoint

home = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for write in (
    lambda: checkpoint.save(home, "last", {"w": torch.zeros(10**6)}),
    lambda: weights.save(ProjectorConfig(1000, 100).build(), home),
    lambda: save_array(home / "array.npy", np.zeros(10**6)),
):
    try:
        write()
    except Exception as error:
        print(*explain(error))
"""


def test_what_the_disk_does_not_take_is_one_line_and_leaves_what_was_there(tmp_path):
    """A limit on the size of files stands for a full disk: torch, safetensors and numpy fail in the same way."""
    torch.save({"w": 1}, tmp_path / "last.pt")
    before = (tmp_path / "last.pt").read_bytes()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path], env=env, capture_output=True, text=True, check=True)
    large = "File too large: write to a disk that takes larger files"
    assert done.stdout.splitlines() == [
        f"2 neuroclips: '{tmp_path}/last.pt': {large}",
        f"2 neuroclips: '{tmp_path}/model.safetensors': {large}",
        f"2 neuroclips: '{tmp_path}/array.npy': No space left on device: make room and start again",
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["last.pt"] and (tmp_path / "last.pt").read_bytes() == before


def test_only_what_the_disk_refuses_is_told_as_that(tmp_path):
    """A file that is read while another is written, and bad input, keep their own words."""
    with pytest.raises(FileNotFoundError, match="source"), whole_file(tmp_path / "made"):
        (tmp_path / "source").read_text()
    with pytest.raises(InputError, match="got nothing"), whole_file(tmp_path / "made"):
        try:
            raise OSError(errno.EIO, "of the disk")
        except OSError as error:
            raise InputError("got nothing") from error
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "made"):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
