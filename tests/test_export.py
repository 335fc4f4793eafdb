"""The files of a reconstruction: those of one and the same, or none."""

import errno
import json
import math
from dataclasses import asdict, replace

import pytest
import torch

from neuroclips import export, media
from neuroclips.media import read_video
from neuroclips.metrics.scores import ScoredBeside, Scores, mean, read
from neuroclips.types import Reconstruction, Result, Settings, Step

WHOLE = {"ground_truth.mp4", "blurry.mp4", "keyframe.png", "video.mp4", "reconstruction.json"}
EQUAL = ScoredBeside(Scores(1.0, math.inf, 1.0, 1.0, 1.0), Scores(0.5, 9.0, 0.5, 0.5, 0.5))


def result(grey, **changes):
    """A film of one grey."""
    film = torch.full((3, 3, 32, 32), grey)
    made = Reconstruction(film, film[0], "grey", film, None, Settings(), "demo", "float32", {Step.VIDEO: 1.0})
    summary = {"grey": grey, "scores": asdict(EQUAL)}
    return replace(Result(made, film, summary, 8), **changes)


def grey_of(folder, name="video.mp4"):
    return read_video(folder / name).mean().item()


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_an_earlier_result_is_replaced_whole(tmp_path):
    export.save(tmp_path, result(0.2))
    assert names(tmp_path) == WHOLE
    second = result(0.8, truth=None)
    export.save(tmp_path, replace(second, reconstruction=replace(second.reconstruction, keyframe=None)))
    assert names(tmp_path) == WHOLE - {"ground_truth.mp4", "keyframe.png"}
    assert grey_of(tmp_path) == pytest.approx(0.8, abs=0.05)
    assert json.loads((tmp_path / "reconstruction.json").read_text())["grey"] == 0.8


@pytest.mark.parametrize("home, at", [(media, "write_video"), (media, "write_image"), (export, "write_json")])
def test_a_full_disk_leaves_the_earlier_result(tmp_path, monkeypatch, home, at):
    export.save(tmp_path, result(0.2))

    def full(path, *_):
        path.write_bytes(b"")  # as much as there was room for
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(home, at, full)
    with pytest.raises(OSError, match="No space left"):
        export.save(tmp_path, result(0.8))
    assert names(tmp_path) == WHOLE and grey_of(tmp_path) == pytest.approx(0.2, abs=0.05)
    assert json.loads((tmp_path / "reconstruction.json").read_text())["grey"] == 0.2


def test_a_psnr_of_equal_films_is_json_and_comes_back(tmp_path):
    export.save(tmp_path, result(0.5))
    stored = json.loads((tmp_path / "reconstruction.json").read_text(), parse_constant=pytest.fail)
    assert stored["scores"]["video"]["psnr"] == "Infinity" and read(stored["scores"]) == EQUAL
    assert mean([EQUAL, replace(EQUAL, video=EQUAL.flat_colour)]).video.psnr == math.inf


def test_scores_that_are_no_numbers_are_refused():
    stored = asdict(EQUAL)
    stored["video"]["psnr"] = "high"
    with pytest.raises(ValueError, match="got scores .*expected numbers"):
        read(stored)
