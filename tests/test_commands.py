"""The command line that is shown beside a film makes it: parsed by the real app, it is the same request again."""

import shlex
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from neuroclips import fetched, run
from neuroclips.cli import app
from neuroclips.commands import from_brain_command, reconstruct_command
from neuroclips.errors import InputError
from neuroclips.lesions import Lesion
from neuroclips.types import Guidance, Request, Settings
from neuroclips.zoo import zoo_named

CHANGES = (
    {},
    {"seed": 2**63 - 1, "captioner": "git", "video_steps": 25, "video_solver": "ddim", "video_start": 1.0},
    {"theta": 0, "keyframe_start": 0.1 + 0.2, "keyframe_solver": "euler", "keyframe_draws": 2, "keyframe_near": 0.5},
    {"prior_steps": 5, "prior_samples": 1, "video_guidance": 1e-07, "keyframe_guidance": 3, "fps": 4},
    {"keep_keyframe": True, "keyframe_start": 0.5},
    {"n_video_frames": 8, "keyframe_steps": 3, "keyframe_draws": 1, "keyframe_near": 0.5},
    {"edits": (Lesion("early visual,disc:412:180:20", True, "noise"),)},
)
GUIDANCES = tuple(Guidance(*on) for on in product((True, False), repeat=3))
OTHERS = (
    {"zoo": "paper"},
    {"dataset": "file", "source": Path("a b/it's.npy"), "vertex_index": Path("$HOME/i.npy"), "mask": Path("-m.nii")},
    {"dataset": "swapped", "reconstructors": Path("own")},
    {"device": "cpu", "dtype": "bfloat16", "memory": "in turn"},
    {"mask": Path("m.nii")},  # without effect: dataset simulated has none
)


@pytest.fixture
def typed(monkeypatch, tmp_path):
    """What the command line makes of a line, without reconstructing it."""
    monkeypatch.chdir(tmp_path)
    asked = []

    def take(request, on_progress):
        asked.append(request)
        raise InputError("this is as far as the test goes")

    monkeypatch.setattr(run, "reconstruct", take)
    monkeypatch.setattr(fetched, "expect_models", lambda request, fused: None)

    def read(line: str) -> Request:
        python, dash_m, name, *words = shlex.split(line)
        assert (python, dash_m, name) == ("python", "-m", "neuroclips")
        told = CliRunner().invoke(app, words)
        assert "this is as far as the test goes" in told.stderr, told.output
        return asked.pop()

    return read


def effective(request: Request) -> Request:
    """Without what changes nothing: of the settings as the pipeline uses them, and of files that no one reads."""
    zoo = zoo_named(request.zoo).settings
    settings = (request.settings or zoo).used
    if not settings.guidance.alpha:
        settings = replace(settings, theta=zoo.theta)
    if not settings.guidance.beta:
        names = ("steps", "start", "guidance", "solver", "draws", "near")
        settings = replace(settings, **{f"keyframe_{name}": getattr(zoo, f"keyframe_{name}") for name in names})
        settings = replace(settings, prior_steps=zoo.prior_steps, prior_samples=zoo.prior_samples)
    if settings.keyframe_draws == 1:
        settings = replace(settings, keyframe_near=zoo.keyframe_near)
    if not settings.guidance.gamma:
        settings = replace(settings, captioner=zoo.captioner)
    mask = request.mask if request.dataset == "file" else None
    return replace(request, settings=settings, mask=mask)


def test_a_line_is_its_request(typed):
    for changes, guidance in product(CHANGES, GUIDANCES):
        request = Request(2, 17, replace(zoo_named().settings, guidance=guidance, **changes))
        assert effective(typed(reconstruct_command(request))) == effective(request)
    everything = Request(1, 0, Settings(**CHANGES[1] | CHANGES[2] | CHANGES[3]))
    assert typed(reconstruct_command(everything)) == everything  # to the last field where all have an effect
    for guidance in GUIDANCES:
        request = Request(1, 0, Settings(guidance=guidance))
        assert typed(reconstruct_command(request)) == request


def test_the_line_of_a_strip_is_its_request(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    asked = []

    def take(request, on_row, memory):
        asked.append(request)
        raise InputError("this is as far as the test goes")

    monkeypatch.setattr("neuroclips.evaluation.from_brain.from_brain", take)
    words = [{"prompt": text, "negative_prompt": text, "video_guidance": 2.0} for text in ("true", "12", "a cat’s hat")]
    for changes, guidance in product((*CHANGES, *words), GUIDANCES[:2]):
        request = Request(2, 17, replace(zoo_named().settings, guidance=guidance, **changes))
        line = from_brain_command(request)
        told = CliRunner().invoke(app, shlex.split(line)[3:])
        assert "this is as far as the test goes" in told.stderr, told.output
        assert effective(asked.pop()) == effective(request)
    assert from_brain_command(Request(1, 4)) == "python -m neuroclips from-brain --subject 1 --clip 4"


def test_other_models_and_data_are_named(typed):
    for fields in OTHERS:
        request = Request(3, 299, **fields)
        found = typed(reconstruct_command(request))
        assert effective(found) == effective(request)
        assert found.settings == zoo_named(request.zoo).settings


def test_a_line_is_no_longer_than_it_must_be():
    assert reconstruct_command(Request(1, 4)) == "python -m neuroclips reconstruct --subject 1 --clip 4"
    settings = Settings(guidance=Guidance(alpha=False), theta=0.2, seed=3)
    line = reconstruct_command(Request(1, 4, settings))
    assert line == "python -m neuroclips reconstruct --subject 1 --clip 4 --no-alpha --seed 3"


def test_edits_cannot_be_typed():
    with pytest.raises(InputError, match="edits"):
        reconstruct_command(Request(1, 0, Settings(edits=(lambda sample: sample,))))


def test_a_video_model_brings_its_own_settings(typed):
    paper = zoo_named("paper")
    settings = paper.settings_for("ltx")
    line = reconstruct_command(Request(1, 0, settings, "paper"))
    assert line.endswith("--subject 1 --clip 0 --video ltx --zoo paper") and typed(line).settings == settings
    changed = replace(settings, video_steps=4, pixels=256, guidance=Guidance(alpha=False))
    line = reconstruct_command(Request(1, 0, changed, "paper"))
    assert "--video-steps 4" in line and "--pixels 256" in line and typed(line).settings == changed
    assert settings.keyframe_steps == paper.settings.keyframe_steps and paper.settings.pixels == 256


@pytest.mark.parametrize("suffix", ["", " 12", "true", "-x", " ", "null", "it's\n$HOME"])
@pytest.mark.parametrize("video", ["animatediff", "ltx"])
def test_words_and_no_words_come_back(typed, suffix, video):
    """Whatever they look like; a film of the size that its model was made for, too."""
    usual = zoo_named("paper").settings_for(video)
    settings = replace(usual, pixels=None, prompt=suffix, prompt_suffix=suffix, video_guidance=3.0)
    settings = replace(settings, negative_prompt=suffix)
    assert typed(reconstruct_command(Request(1, 0, settings, "paper"))).settings == settings


@pytest.mark.parametrize(
    ("words", "does"),
    [
        ("--preset released", "choose keyframe_from=blurry, which --preset released does not"),
        ("--no-alpha", "add --keep-keyframe"),
    ],
)
def test_what_is_told_to_do_helps(words, does, typed):
    told = CliRunner().invoke(app, ["reconstruct", "--zoo", "paper", "--strength", "0.5", *shlex.split(words)])
    assert told.exit_code == 2 and does in told.stderr
    for more in ("--alpha-mode released --set keyframe_from=blurry", "--no-alpha --keep-keyframe"):
        found = typed(f"python -m neuroclips reconstruct --zoo paper --strength 0.5 {more}")
        assert found.settings.keyframe_start == 0.5


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--theta 0.2", "got --theta, which has an effect only with --video animatediff"),
        ("--solver dpm", "got --solver, which has an effect only with --video animatediff"),
        ("--alpha-mode paper", "got alpha mode 'paper', expected partial: the noise schedule of ltx keeps no signal"),
        ("--preset released", "got alpha mode 'released', expected partial"),
        ("--start 1", "got start 1 of 8 steps, expected fewer than all of them with alpha"),
        ("--start 0.95", "got start 0.95 of 8 steps"),
        ("--pixels 80", "got pixels 80, expected a multiple of 32, as ltx makes them"),
        ("--set n_video_frames=300", "got n video frames 300, expected at most 257: ltx was made for no more"),
    ],
)
def test_what_a_video_model_cannot_do_is_said_before_anything_is_loaded(words, told):
    result = CliRunner().invoke(app, ["reconstruct", "--zoo", "paper", "--video", "ltx", *shlex.split(words)])
    assert result.exit_code == 2 and told in result.stderr
