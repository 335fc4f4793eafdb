"""What the page fetches by itself, through HTTP: files as they are, whole records, and nothing from elsewhere."""

import io
import itertools
import json
import zipfile

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from neuroclips import precomputed
from neuroclips.media import read_video
from neuroclips.types import Guidance
from neuroclips.ui import maps
from neuroclips.ui.flatmap import quantised
from neuroclips.ui.routes import routes
from neuroclips.ui.shelf import SHELF
from neuroclips.ui.web import static_url


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes())) as client:
        yield client


def events(answer) -> list[dict]:
    """What a stream told, in order."""
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]


def test_the_catalogue_tells_of_every_clip_and_nothing_of_how_it_is_decoded(client):
    found = client.get("/_nc/catalogue.json").json()
    assert len(found["clips"]) == 300 and list(found["subjects"]) == ["1", "2", "3"]
    assert found["settings"]["video_steps"] == 3 and found["subjects"]["1"]["marks"] == precomputed.marks(1)
    for before, row in itertools.pairwise(found["clips"]):
        alike = [row[name] == before[name] for name in ("class", "scene", "motion", "caption")]
        assert all(alike) if row["group"] == before["group"] else row["group"] == before["group"] + 1
    assert 100 < len({row["group"] for row in found["clips"]}) < 200


def test_stored_films_are_those_of_the_table(client):
    found = client.get("/_nc/films/2.json").json()
    assert found["ranked"] == precomputed.ranked(2)
    row, summary = found["films"]["7"]["abg"], precomputed.load(2, 7)
    assert row == {name: summary[name] for name in ("caption", "seed", "seconds", "scores")}
    film = precomputed.files(2, 7)[precomputed.Step.VIDEO].read_bytes()
    assert client.get("/_nc/stored/2/7/abg.mp4").content == film
    part = client.get("/_nc/stored/2/7/abg.mp4", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == film[10:20]


def test_true_films_are_those_that_scores_compare_with(client, data, tmp_path):
    (tmp_path / "true.mp4").write_bytes(client.get("/_nc/truth/5.mp4").content)
    assert (read_video(tmp_path / "true.mp4") - data.stimulus(5, 16)).abs().mean() < 0.02


def test_a_parcel_has_every_file_and_the_record(client):
    with zipfile.ZipFile(io.BytesIO(client.get("/_nc/stored/1/4/abg.zip").content)) as packed:
        names = {"blurry.mp4", "keyframe.png", "video.mp4", "ground_truth.mp4", "reconstruction.json", "README.txt"}
        assert set(packed.namelist()) == names and b"imulated" in packed.read("README.txt")
        record = json.loads(packed.read("reconstruction.json"))
    assert record["precomputed"] and record["clip"] == 4 and record["caption"] == precomputed.load(1, 4)["caption"]
    assert client.get("/_nc/stored/1/4/abg.json").json() == record
    assert client.get("/_nc/stored/1/4/abg.png").content.startswith(b"\x89PNG")


@pytest.mark.parametrize("model", maps.MODELS)
def test_weights_are_those_of_the_shipped_reconstructor(client, data, model):
    from neuroclips.brain.weights_map import mean_weight, to_cortex
    from neuroclips.zoo import load_part, zoo_named

    loaded = load_part(zoo_named(), model, "cpu", subject=3)
    expected = quantised(to_cortex(mean_weight(loaded.voxel_weights.numpy(), maps.SCALE), data.vertex_index(3)))
    assert client.get(f"/_nc/weights/3/{model}.bin").content == expected.tobytes()


WRONG = (
    *("/_nc/films/7.json", "/_nc/stored/7/1/abg.mp4", "/_nc/stored/1/300/abg.mp4", "/_nc/stored/1/1/none.zip"),
    *("/_nc/stored/1/1/..%2f..%2ffilms.json", "/_nc/static/x/..%2fweb.py", "/_nc/truth/300.mp4"),
    *("/_nc/weights/1/prior.bin", "/_nc/runs/unknown/video.mp4", "/_nc/runs/unknown/all.zip"),
    "/_nc/brain/..%2f..%2fREADME.md",
)


@pytest.mark.parametrize("address", WRONG)
def test_what_is_not_there_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_modules_are_kept_for_good_under_the_name_of_their_content(client):
    answer = client.get(static_url("store.js"))
    assert answer.status_code == 200 and "max-age=31536000" in answer.headers["cache-control"]


def test_a_run_streams_its_stages_and_keeps_its_files(client):
    asked = {"run": "me", "subject": 1, "clip": 8, "gamma": "false", "video_steps": 4}
    told = events(client.get("/_nc/follow", params=asked))
    end = told[-1]
    assert end["state"] == "done" and end["caption"] == "a smooth video" and len(told) > 6
    assert {now["run"] for now in told} == {"me"} and set(end["scores"]) == {"video", "flat_colour"}
    assert end["stages"]["video"]["seconds"] > 0 and "--no-gamma" in end["command"]
    for address in end["files"].values():
        assert client.get(address).status_code == 200
    with zipfile.ZipFile(io.BytesIO(client.get(f"/_nc/runs/{end['key']}/all.zip").content)) as packed:
        assert json.loads(packed.read("reconstruction.json"))["video_steps"] == 4 and len(packed.namelist()) == 6
    again = events(client.get("/_nc/follow", params=asked | {"run": "another"}))
    assert len(again) <= 2 and again[-1] == end | {"run": "another", "kept": True}  # nothing twice
    SHELF.put("another", "large", bytes(SHELF.most))
    assert client.get(end["files"]["video"]).status_code == 404


BAD = {
    "subject": ("7", "1.5", "x", ""),
    "clip": ("300", "-1", "1.5", "1e9", "12345678901234567890", ""),
    "seed": ("-5", "1.5", "12345678901234567890", "x"),
    "theta": ("1", "x"),
    "video_steps": ("0", "2.5"),
    "alpha": ("no", "2"),
    "captioner": ("llama",),
    "edits": ("[]",),
}


@pytest.mark.parametrize("name", BAD)
def test_what_makes_no_sense_is_refused_in_one_line(client, name):
    for value in BAD[name]:
        params = {"run": "me", "subject": 1, "clip": 3, name: value}
        (end,) = events(client.get("/_nc/follow", params=params))
        assert end["state"] == "failed" and end["message"].startswith("got ") and "\n" not in end["message"]
        answer = client.get("/_nc/command", params={k: v for k, v in params.items() if k != "run"})
        assert answer.status_code == 400 and answer.text == end["message"]


def test_the_command_of_what_is_shown(client):
    shown = client.get("/_nc/command", params={"subject": 2, "clip": 9, "seed": 4, "alpha": "false"})
    assert shown.text == "python -m neuroclips reconstruct --subject 2 --clip 9 --no-alpha --seed 4"
    assert Guidance(False).used.alpha is False


@pytest.mark.parametrize("root", ["", "/nc", "/some/where"])
def test_everything_is_there_behind_a_proxy_that_takes_a_root_path_off(root):
    with TestClient(Starlette(routes=routes()), root_path=root) as behind:
        files = ("brain/under.webp", "thumbnails/003.webp", "catalogue.json")
        for address in (static_url("page.css"), *(f"/_nc/{name}" for name in files)):
            assert behind.get(address).status_code == 200, address
