"""Two folders of anyone's films: their numbers are those of the metrics, and all that is wrong is told."""

import json
import math

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.evaluation.folder_scores import score_folders
from neuroclips.evaluation.part import score_part, sized
from neuroclips.media import write_frames
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import score, served
from neuroclips.metrics.see import see

N, PIXELS = 9, 32
PAPER = PROTOCOLS["paper"]


def film(random, n_frames=6, pixels=PIXELS):
    """Frames uint8 (n_frames, P, P, 3) that pass from one coarse picture to another."""
    ends = torch.from_numpy(random.random((2, 3, 4, 4), dtype=np.float32))
    first, last = (
        torch.nn.functional.interpolate(ends, (pixels, pixels), mode="bicubic").clamp(0, 1).movedim(1, -1).numpy()
    )
    share = np.linspace(0, 1, n_frames, dtype=np.float32)[:, None, None, None]
    return np.round(255 * (first * (1 - share) + last * share)).astype(np.uint8)


def pictures(folder, frames):
    folder.mkdir(parents=True)
    for k, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{k}.png")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Pictures, which lose nothing: targets, predictions that are half of them, and predictions of other films."""
    home, random = tmp_path_factory.mktemp("films"), np.random.default_rng(0)
    for k in range(N):
        truth, other = film(random), film(random)
        mixed = ((truth.astype(int) + other) // 2).astype(np.uint8)
        for name, frames in (("target", truth), ("near", mixed), ("other", film(random))):
            pictures(home / name / f"clip{k}", frames)
    return home


@pytest.fixture(scope="module")
def near(folders):
    return score_folders(folders / "target", folders / "near", PAPER)


def frames_of(folder):
    names = sorted(folder.iterdir(), key=lambda path: int(path.name[4:]))
    films = [[np.asarray(Image.open(path / f"{k}.png")) for k in range(6)] for path in names]
    return [np.stack(frames).transpose(0, 3, 1, 2) for frames in films]


def test_values_are_means_of_the_metrics(folders, near):
    films, truths = (see(frames_of(folders / name), PAPER) for name in ("near", "target"))
    expected = score(films, truths, PAPER)
    assert list(near.metrics) == [name for name in PAPER.metrics if name in expected]
    for name, found in near.metrics.items():
        assert found.value.value == pytest.approx(expected[name].mean(), abs=1e-4), name
        assert found.value.low < found.value.value < found.value.high and found.value.n == N
    others = [score(films, truths[np.roll(np.arange(N), shift)], PAPER)["ssim"] for shift in range(1, N)]
    assert near.metrics["ssim"].shuffled.floor == pytest.approx(np.mean(others), abs=1e-4) and near.part == N


def test_floors_are_the_mean_colour_and_the_first_frame(folders, near):
    films, truths = (frames_of(folders / name) for name in ("near", "target"))
    seen = see(truths, PAPER)
    flat = [
        np.broadcast_to(truth.mean((0, 2, 3), keepdims=True).round(), truth.shape).astype(np.uint8) for truth in truths
    ]
    for kind, frames in {"flat": flat, "frozen": [np.repeat(one[:1], 6, axis=0) for one in films]}.items():
        expected = score(see(frames, PAPER), seen, PAPER)  # flow and energy of still films computed, not assumed
        for name, found in near.metrics.items():
            assert found.floors[kind] == pytest.approx(expected[name].mean(), abs=2e-3), (kind, name)


def test_p_tells_films_that_know_from_those_that_do_not(folders, near):
    assert near.metrics["ssim"].shuffled.p < 0.002 and near.metrics["ssim"].shuffled.z > 4
    other = score_folders(folders / "target", folders / "other", PAPER)
    assert other.metrics["ssim"].shuffled.p > 0.05 and abs(other.metrics["ssim"].shuffled.z) < 2.5
    assert other.metrics["ssim"].value.low < other.metrics["ssim"].shuffled.floor < other.metrics["ssim"].value.high


def test_equal_folders(folders):
    table = score_folders(folders / "target", folders / "target", PAPER)
    assert table.metrics["ssim"].value.value == pytest.approx(1) and table.metrics["psnr"].value.value == math.inf
    assert table.record()["metrics"]["psnr"]["above_flat"]["value"] == math.inf
    assert any("inf" in line for line in table.lines())
    assert table.metrics["psnr"].shuffled.p == table.metrics["ssim"].shuffled.p == pytest.approx(1 / 1001)


class Judge(torch.nn.Module):
    """Class scores by colour in four places: as a judge, only smaller."""

    def forward(self, pixels):
        colours = torch.nn.functional.adaptive_avg_pool2d(pixels.flatten(0, -4), 2).flatten(1)  # (B, 12)
        scores = colours.unflatten(0, pixels.shape[:-3]).flatten(1, -2).mean(1) if pixels.ndim == 5 else colours
        return torch.cat([scores, -scores, scores.square()], -1) - scores.mean(-1, keepdim=True)  # (B, 36)

    def image_embeddings(self, pixels):
        return torch.nn.functional.normalize(self(pixels), dim=-1)


@pytest.fixture
def judges():
    return Judges(Judge(), Judge(), Judge())


@pytest.mark.parametrize("name", ["paper", "mindeye", "mind-animator"])
def test_judges_see_all_parts(name, folders, judges, monkeypatch):
    """In parts of four, scores are those of all films at once; what compares with a pool has all truths in it."""
    monkeypatch.setattr("neuroclips.evaluation.folder_scores.HELD", 1.0)
    monkeypatch.setattr("neuroclips.evaluation.folder_scores.FEWEST", 4)
    small = {"pixels": 32, "flow_pixels": 32} if name != "paper" else {}
    protocol = PROTOCOLS[name].__class__(**{**vars(PROTOCOLS[name]), **small})
    table = score_folders(folders / "target", folders / "near", protocol, judges, "tiny")
    films = see(frames_of(folders / "near"), protocol, judges)
    expected = score(films, see(frames_of(folders / "target"), protocol, judges, true=True), protocol)
    assert table.part < 6 and list(table.metrics) == served(films, protocol)
    for metric, found in table.metrics.items():
        assert found.value.value == pytest.approx(expected[metric].mean(), abs=1e-4), metric
        assert (found.shuffled is None) == METRICS[metric].is_blind(protocol)
    record = json.loads(json.dumps(table.record()))
    judged = {metric for metric in record["metrics"] if METRICS[metric].about.judge}
    assert judged and all(record["metrics"][metric]["judge"].endswith("(tiny)") for metric in judged)


def test_a_film_is_scored_at_the_size_of_most_truths_and_odd_ones_are_told(folders, tmp_path):
    random = np.random.default_rng(1)
    for k, (size, n_frames) in enumerate([(PIXELS, 6), (PIXELS, 3), (48, 12), (PIXELS, 1)]):
        write_frames(tmp_path / "target" / f"{k}.mp4", film(random, 6, size), 3)
        pictures(tmp_path / "prediction" / str(k), film(random, n_frames)[:, : 32 if k else 16])
    (tmp_path / "prediction" / "notes.txt").touch()
    table = score_folders(tmp_path / "target", tmp_path / "prediction", PAPER)
    assert table.size == (PIXELS, PIXELS) and table.n_pairs == 4
    assert table.notes == [
        "2 sizes of true films: all are scored at 32 x 32",
        "1 predictions do not move: 3",
        "1 predictions are stretched to the shape of their truth: 0",
        "left aside, no films: notes.txt",
    ]


def test_sixteen_frames_are_picked_as_the_protocol_does(tmp_path):
    random = np.random.default_rng(2)
    frames = film(random, 16, 256)
    pictures(tmp_path / "prediction" / "a", frames)
    pictures(tmp_path / "target" / "a", frames[[4, 6, 8, 10, 12, 14]])
    equal = score_folders(tmp_path / "target", tmp_path / "prediction", PROTOCOLS["neurons"])
    assert equal.metrics["ssim"].value.value == pytest.approx(1)
    one, line = equal.record()["metrics"]["ssim"], next(line for line in equal.lines() if "SSIM" in line)
    assert "no interval" in line and "one block" in one["why"]
    assert one["p"] == 1 and math.isnan(one["floors"]["shuffled"]) and one["ci"] == [None, None]


def test_large_truths_are_scored_smaller(tmp_path):
    pictures(tmp_path / "a" / "1", film(np.random.default_rng(3), 2, 600)[:, :300])
    table = score_folders(tmp_path / "a", tmp_path / "a", PROTOCOLS["paper"])
    assert table.size == (256, 512) and "true films are of 600 x 300 pixels" in table.notes[0]


def test_a_part_of_one_protocol_keeps_its_moments(folders):
    protocol = PROTOCOLS["mindeye"]
    films = [sized(frames, protocol, (425, 425)) for frames in frames_of(folders / "near")[:2]]
    assert films[0].shape == (6, 3, 425, 425)
    part = score_part(films, films, protocol, None)
    assert part.scores["films"]["ssim"] == pytest.approx([1, 1]) and part.matrices["ssim"].shape == (2, 2)


def run(*words):
    return CliRunner().invoke(app, ["score", *map(str, words)])


def test_the_command_prints_json_as_documented(folders):
    done = run("--target", folders / "target", "--prediction", folders / "near", "--protocol", "paper", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["protocol"], found["n_pairs"], found["judge"]) == ("paper", N, "none")
    assert found["metrics"].keys() == {"ssim", "psnr", "pixel_correlation", "end_point_error", "motion_energy"}
    for name, metric in found["metrics"].items():
        assert metric["floors"].keys() == {"flat", "shuffled", "frozen"} and len(metric["ci"]) == 2
        assert metric.keys() >= {"value", "p", "higher_is_better", "chance", "judge"}, name
    assert "clip_pcc" in found["left_out"] and f"paper: {N} of {N} pairs" in done.stderr


def test_the_table_has_no_bare_number(folders):
    words = ("--target", folders / "target", "--prediction", folders / "near")
    done = run(*words, "--protocol", "paper", "--protocol", "paper", "--block", 2)
    assert done.exit_code == 0 and done.stdout.count("95 % interval") == 1
    ssim = next(line for line in done.stdout.splitlines() if line.strip().startswith("SSIM"))
    assert len(ssim.split()) == 11 and "to" in ssim and ssim.endswith("higher")
    assert "clip_pcc: ask for it by --judge demo or --judge paper" in done.stdout
    both = json.loads(run(*words, "--protocol", "paper", "--protocol", "mindeye", "--json").stdout)
    assert [table["protocol"] for table in both["protocols"]] == ["paper", "mindeye"]


def test_all_that_is_wrong_is_one_line(folders, tmp_path):
    target, prediction = tmp_path / "target", tmp_path / "prediction"
    for k in range(4):
        pictures(target / f"clip{k}", film(np.random.default_rng(k)))
        pictures(prediction / f"clip{k}", film(np.random.default_rng(k)))
    (target / "clip0" / "0.png").write_bytes(b"")
    (prediction / "clip1" / "3.png").write_bytes(b"no picture")
    (prediction / "alone.gif").touch()
    done = run("--target", target, "--prediction", prediction)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1 and "got 3 problems" in done.stderr
    for words in ("0.png: got an empty file", "3.png: got a file that does not read", "the other folder: alone"):
        assert words in done.stderr, words
