"""The command line: files, reproducibility, and one-line errors with exit code 2."""

import json
from dataclasses import fields

import av
import pytest
import torch
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.cli.training import words_of
from neuroclips.media import read_video
from neuroclips.metrics.scores import read
from neuroclips.paths import CHECKPOINTS
from neuroclips.reconstructors.released import ReleasedPerceptionConfig, ReleasedPriorConfig, ReleasedSemanticConfig
from neuroclips.types import Settings, Step


def run(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("made")
    result = run("reconstruct", "--subject", 1, "--clip", 4, "--seed", 3, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    return out, json.loads(result.stdout)


def test_files_are_there_and_a_browser_plays_them(made):
    out, summary = made
    assert json.loads((out / "reconstruction.json").read_text()) == summary
    assert {p.name for p in out.iterdir()} == {
        "ground_truth.mp4",
        "blurry.mp4",
        "video.mp4",
        "keyframe.png",
        "reconstruction.json",
    }
    with av.open(str(out / "video.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.average_rate, stream.frames) == (8, 16)
    assert read_video(out / "blurry.mp4").shape[0] == 6


def test_the_record_is_complete(made):
    _, summary = made
    assert (summary["subject"], summary["clip"], summary["seed"]) == (1, 4, 3)
    assert (summary["zoo"], summary["dataset"]) == ("demo", "simulated")
    assert summary["guidance"] == {"alpha": True, "beta": True, "gamma": True}
    assert summary["caption"] and read(summary["scores"]).video.ssim > 0


def test_same_seed_same_bytes(made, tmp_path):
    out, summary = made
    again = run("reconstruct", "--subject", 1, "--clip", 4, "--seed", 3, "--out", tmp_path, "--json")
    assert json.loads(again.stdout)["frames_sha256"] == summary["frames_sha256"]
    assert (tmp_path / "video.mp4").read_bytes() == (out / "video.mp4").read_bytes()


def test_guidance_can_be_switched_off(tmp_path):
    result = run("reconstruct", "--clip", 4, "--no-beta", "--out", tmp_path, "--json")
    summary = json.loads(result.stdout)
    assert summary["guidance"]["beta"] is False and summary["caption"] == "a smooth video"
    assert not (tmp_path / "keyframe.png").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--clip", 300], "clips 0 to 299"),
        (["--subject", 5], "subjects 1, 2, 3"),
        (["--zoo", "big"], "expected one of: demo, paper"),
        (["--video-steps", 0], "got video steps 0, expected 1 or more and up to 1000"),
        (["--start", 1.5], "got video start 1.5"),
        (["--set", "theta=1"], "got theta 1.0"),
        (["--set", "width=1"], "got --set width, expected one of: guidance, seed"),
        (["--set", "edits=[1]"], "edits are functions"),
        (["--captioner", "llama"], "expected one of: blip2, git"),
        (["--keep-keyframe"], "got --keep-keyframe, which has an effect only with --no-alpha"),
        (["--no-alpha", "--set", "keyframe_start=1"], "leave it out, or add --keep-keyframe"),
        (["--dataset", "nsd"], "expected one of: simulated"),
        (["--preset", "w/o"], "expected one of: full, no-keyframe, no-blurry, git, released"),
        (["--preset", "git", "--captioner", "blip2"], "got --preset git and --set captioner, expected one of them"),
        (["--preset", "released"], "got alpha mode 'released', expected partial: the noise schedule of zoo demo keeps"),
        (["--alpha-mode", "none"], "got alpha mode 'none', expected one of: partial, paper, released"),
        (["--video", "sora"], "got video model 'sora', expected one of: animatediff"),
        (["--negative-prompt", "text"], "only with classifier-free guidance of the video"),
        (["--prompt", "a cat", "--no-gamma"], "got --prompt, which has an effect only with words"),
        (["--prompt", "a cat", "--captioner", "git"], "got --captioner, which has an effect only with the caption"),
        (["--preset", "no-blurry", "--theta", 0.2], "got --theta, which has an effect only with the blurry video"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(arguments, says, tmp_path):
    result = run("reconstruct", "--out", tmp_path, *arguments)
    assert result.exit_code == 2 and says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1 and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--films", "seg19"], "expected one of seg1 to seg18"),
        (["--films", "", "--out", "x"], "got no film"),
        (["--films", "seg1"], "add --out"),  # never over the dataset that training reads
        (["--subjects", "one"], "1, 2, 3, null"),
        (["--subjects", "9", "--out", "x"], "1, 2, 3, null"),
        (["--raw"], "got --raw, which has an effect only with --out: add --out, a folder for the runs"),
        (["--raw", "--ship", "--out", "x"], "got --raw, which has an effect only without --ship"),
        (["--ship", "--out", "x"], "got --ship, which has an effect only without --out"),
        (["--raw", "--out", "x", "--density", "full"], "got --density, which has an effect only without --raw"),
        (["--subjects", "1,1", "--out", "x"], "each once"),
        (["--subjects", "1_0", "--out", "x"], "1, 2, 3, null"),
        (["--seed", "-1", "--out", "x"], "got seed -1, expected 0 or more"),
        (["--seed", 2**63, "--out", "x"], "got seed 9223372036854775808"),
    ],
)
def test_bad_input_to_simulate_is_one_line(arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("simulate", *arguments)
    assert result.exit_code == 2 and says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1 and not list(tmp_path.iterdir())


def test_bench_times_every_step():
    result = run("bench", "--clips", 1, "--video-steps", 4, "--json")
    table = json.loads(result.stdout)
    assert set(table) == {*Step, "in all"} and all(seconds >= 0 for seconds in table.values())
    assert table["video"] > table["image tokens"] and run("bench", "--clips", 0).exit_code == 2


def test_every_setting_is_reachable_and_recorded(tmp_path):
    """By an option of its own or by --set; all of them stand in reconstruction.json."""
    options = ["--clip", 4, "--captioner", "git", "--solver", "ddim", "--video-steps", 4, "--start", 1, "--seed", 5]
    options += ["--theta", 0.2, "--strength", 0.5, "--alpha-mode", "partial", "--video", "animatediff"]
    options += ["--prompt-suffix", ", again", "--negative-prompt", "a plane", "--pixels", 64]
    others = {"video_guidance": 3.0, "control_halves": "both", "keyframe_from": "blurry"}
    others |= {"prior_steps": 5, "prior_samples": 1, "keyframe_steps": 3}
    others |= {
        "keyframe_guidance": 1.5,
        "keyframe_solver": "ddim",
        "keyframe_draws": 2,
        "keyframe_near": 0.9,
        "n_video_frames": 8,
        "fps": 4,
    }
    words = [word for name, value in others.items() for word in ("--set", f"{name}={value}")]
    result = run("reconstruct", *options, *words, "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    wanted = {"captioner": "git", "video_solver": "ddim", "video_steps": 4, "video_start": 1.0, "seed": 5, **others}
    wanted |= {"theta": 0.2, "keyframe_start": 0.5, "alpha_mode": "partial", "video_model": "animatediff"}
    wanted |= {"prompt_suffix": ", again", "negative_prompt": "a plane", "prompt": None, "pixels": 64}
    wanted |= {"guidance": {"alpha": True, "beta": True, "gamma": True}, "edits": [], "keep_keyframe": False}
    assert set(wanted) == {f.name for f in fields(Settings)}
    assert wanted.items() <= json.loads(result.stdout).items()
    kept = run(
        "reconstruct", "--no-alpha", "--keep-keyframe", "--set", "keyframe_start=0.5", "--out", tmp_path, "--json"
    )
    assert {"keep_keyframe": True, "keyframe_start": 0.5, "video_start": 1.0}.items() <= json.loads(kept.stdout).items()


def test_words_of_ones_own_stand_in_the_place_of_the_caption(tmp_path):
    """They reach a film without a keyframe, too; no captioner is asked."""
    words = ["--prompt", "a dog running on a beach", "--video-steps", 2, "--json"]
    result = run("reconstruct", "--clip", 4, "--preset", "no-keyframe", *words, "--out", tmp_path)
    summary = json.loads(result.stdout)
    assert summary["caption"] == summary["prompt"] == "a dog running on a beach"
    assert summary["guidance"] == {"alpha": True, "beta": False, "gamma": True} and "caption" not in summary["seconds"]
    again = run("reconstruct", "--clip", 4, "--preset", "no-keyframe", "--video-steps", 2, "--json", "--out", tmp_path)
    assert json.loads(again.stdout)["frames_sha256"] != summary["frames_sha256"]


def test_recorded_commands_name_no_folder_of_this_machine(tmp_path):
    start = ["--start", str(CHECKPOINTS / "demo" / "codec"), "--out", str(tmp_path)]
    words = words_of(["neuroclips", "train", "--stage", "zoo-codec", *start, "--source", str(tmp_path / "films")])
    assert words == "--stage zoo-codec --start checkpoints/demo/codec --source films"


def test_unknown_stage_is_named():
    result = run("train", "--stage", "nothing")
    assert result.exit_code == 2 and "perception" in result.stderr


def test_imported_weights_decode(tmp_path, data):
    """A state dict with the released names, at the demo zoo's sizes, becomes folders that the pipeline runs."""
    small = {"start_channels": 8, "start_side": 3, "channels": (32, 32, 32), "maps_dim": 16, "latent_channels": 8}
    perception = ReleasedPerceptionConfig(hidden_dim=12, extension_dim=7, n_blocks=2, **small)
    semantic = ReleasedSemanticConfig(hidden_dim=12, n_blocks=2, n_tokens=16, clip_dim=128, text_dim=128)
    prior = ReleasedPriorConfig(dim=128, n_tokens=16, depth=1, heads=2, head_dim=32)
    n_voxels = data.info.n_voxels[1]
    states = [semantic.build(n_voxels).state_dict(), perception.build(n_voxels).state_dict()]
    states[0] |= {f"diffusion_prior.{k}": v for k, v in prior.build().state_dict().items()}
    for name, state in zip(("semantic", "perception"), states, strict=True):
        torch.save({"model_state_dict": state}, tmp_path / f"{name}.pth")
        done = run("import-checkpoint", tmp_path / f"{name}.pth", "--subject", 1, "--out", tmp_path / "own")
        assert done.exit_code == 0 and "wrote" in done.output, done.output
    options = ["--clip", 4, "--reconstructors", tmp_path / "own", "--out", tmp_path / "out", "--json"]
    done = run("reconstruct", *options)
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert summary["clip"] == 4 and (tmp_path / "out" / "video.mp4").exists()
    torch.save({"ridge.linears.0.weight": torch.zeros(2, 2)}, tmp_path / "cut.pth")
    done = run("import-checkpoint", tmp_path / "cut.pth", "--subject", 1, "--out", tmp_path / "none")
    assert done.exit_code == 2 and "missing" in done.stderr and not (tmp_path / "none").exists()
    done = run("reconstruct", "--subject", 2, "--reconstructors", tmp_path / "own")
    assert done.exit_code == 2 and "no reconstructors for subject 2" in done.stderr


VERBS = (
    "reconstruct",
    "train",
    "import-checkpoint",
    "convert-unclip",
    "doctor",
    "download",
    "calibrate",
    "simulate",
    "preprocess",
    "precompute",
    "pairs",
    "evaluate",
    "lesions",
    "from-brain",
    "loop",
    "score",
    "bench",
    "brain",
    "brain-pictures",
    "app",
)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb):
    assert run(verb, "--help").exit_code == 0
