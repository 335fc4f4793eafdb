"""The public endpoints, as a program calls them: data and addresses come back, and bad values end in one line."""

import io
import json
import re
import urllib.request

import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from neuroclips import precomputed
from neuroclips.media import write_frames
from neuroclips.paths import ROOT
from neuroclips.ui import page
from neuroclips.ui.routes import routes

NAN = float("nan")


@pytest.fixture(scope="module")
def client():
    demo = page.build()
    served = {"app_kwargs": {"routes": routes()}}
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, show_error=True, ssr_mode=False, **served)
    yield Client(url, verbose=False)
    demo.close()


def test_a_client_gets_data_and_addresses_that_open(client):
    made = client.predict(subject=1, clip=6, gamma=False, api_name="/reconstruct")
    assert made["state"] == "done" and made["caption"] == "a smooth video"
    assert set(made["scores"]) == {"video", "flat_colour"}
    kinds = {"blurry video": "video/mp4", "keyframe": "image/png", "video": "video/mp4", "record": "application/json"}
    for name, kind in (kinds | {"all": "application/zip"}).items():
        with urllib.request.urlopen(made["files"][name]) as answer:
            assert answer.headers["content-type"] == kind and len(answer.read()) > 500
    assert str(ROOT) not in json.dumps(made) and "<" not in json.dumps(made)


def test_a_client_may_say_what_is_in_the_film(client):
    said = {"subject": 1, "clip": 6, "prompt": "a purple cat running", "video_steps": 1, "api_name": "/reconstruct"}
    made = client.predict(**said)
    assert made["caption"] == said["prompt"] and made["unread"] == ["purple"] and "caption" not in made["stages"]
    with urllib.request.urlopen(made["files"]["record"]) as answer:
        record = json.load(answer)
    assert record["prompt"] == record["caption"] == said["prompt"]
    without = client.predict(**said, beta=False, video_start=1.0)
    assert without["caption"] == said["prompt"] and "--no-beta --prompt" in without["command"]


def test_a_client_compares_all_combinations_of_a_clip(client):
    made = client.predict(subject=1, clip=6, api_name="/ablate")
    assert set(made) == set(precomputed.FILMS)
    assert all(run["state"] == "done" for run in made.values())
    assert len({run["files"]["video"] for run in made.values()}) == 7


def test_a_client_sends_a_film_around_as_the_docs_say(client, tmp_path, monkeypatch):
    frames = np.random.default_rng(0).integers(0, 256, (16, 48, 48, 3), dtype=np.uint8)
    write_frames(tmp_path / "holiday.mp4", frames, 8)
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs/loop.md").read_text(encoding="utf-8"), re.DOTALL).group(1)
    there = {}
    exec(code.replace("http://127.0.0.1:7860", client.src.rstrip("/")), there)  # noqa: S102 - what a reader would type
    made = there["made"]
    assert made["state"] == "done" and made["record"]["label"].startswith("simulated")
    assert (made["record"]["noise"], made["record"]["repeats"]) == (0.5, 1)
    assert made["record"]["film"]["name"] == "holiday.mp4" and not made["record"]["domain"]["known"]
    with urllib.request.urlopen(made["files"]["samples.npz"]) as answer:
        samples = np.load(io.BytesIO(answer.read()))
    assert samples["fmri"].shape == (1, len(samples["vertex_index"]))
    with urllib.request.urlopen(made["files"]["video.mp4"]) as answer:
        assert answer.headers["content-type"] == "video/mp4" and len(answer.read()) > 500
    with pytest.raises(AppError, match="^got noise 11[^\n]*$"):
        client.predict(film=there["film"], noise=11, api_name="/loop")


def test_a_client_can_look_through_clips_and_subjects(client):
    clips, subjects = client.predict(api_name="/clips"), client.predict(api_name="/subjects")
    assert len(clips) == 300 and {"clip", "class", "scene", "motion", "cut", "caption", "group"} == set(clips[7])
    assert subjects["2"]["marks"]["best"] == precomputed.marks(2)["best"]


def test_endpoints_name_and_type_what_they_take(client):
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {"/reconstruct", "/ablate", "/from_brain", "/clips", "/subjects"} <= set(named)
    taken = {p["parameter_name"]: p["type"]["type"] for p in named["/reconstruct"]["parameters"]}
    assert taken["subject"] == taken["clip"] == taken["seed"] == "integer" and taken["alpha"] == "boolean"
    with urllib.request.urlopen(client.src + "gradio_api/info") as answer:
        told = json.load(answer)["named_endpoints"]["/reconstruct"]["description"]
    assert all(f"{name}:" in told for name in taken)


@pytest.mark.parametrize("endpoint", ["/reconstruct", "/ablate", "/from_brain"])
def test_every_endpoint_that_decodes_takes_a_lesion(client, endpoint):
    for said, wanted in (({"lesion": "V11"}, "such as: V1"), ({"lesion": "V1", "keep": "V2"}, "expected one of them")):
        with pytest.raises(AppError, match=wanted):
            client.predict(subject=1, clip=3, **said, api_name=endpoint)
    with pytest.raises(AppError, match="^got silence"):
        client.predict(subject=1, clip=3, keep="FFC", silence="loud", api_name=endpoint)


@pytest.mark.parametrize(
    "name,value",
    [("subject", 7), ("subject", None), ("clip", "abc"), ("clip", 10**9), ("clip", 1.5), ("seed", 10**20)]
    + [("prompt", 7), ("prompt", ["a cat"]), ("prompt", "x" * 201), ("video_start", 0), ("keyframe_start", "x")],
)
def test_a_client_is_told_in_one_line_and_the_server_prints_no_traceback(client, capfd, name, value):
    with pytest.raises(AppError, match=f"^got {name.replace('_', ' ')} [^\n]*$"):
        client.predict(**{"subject": 1, "clip": 3, name: value}, api_name="/reconstruct")
    assert "Traceback" not in capfd.readouterr().err


def test_a_reconstruction_that_fails_says_so(client, pipeline):
    """Here a weight is not a number."""
    weight = next(pipeline.keyframes.unet.parameters()).data
    right = weight.clone()
    weight.view(-1)[0] = NAN
    try:
        with pytest.raises(AppError, match="^keyframe: got values that are not numbers"):
            client.predict(subject=1, clip=3, keyframe_steps=2, api_name="/reconstruct")
    finally:
        weight.copy_(right)
