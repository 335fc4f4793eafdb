"""The section "Lesions" of the Brain tab, and what it asks the server for."""

import base64
import json

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from neuroclips import precomputed
from neuroclips.brain.regions import GROUPS, rows_of
from neuroclips.ui import live
from neuroclips.ui.asked import request_of
from neuroclips.ui.routes import routes
from neuroclips.ui.shelf import SHELF, SHOWN
from tests.ui.chromium import open_tab


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes())) as client:
        yield client


def test_words_are_named_and_their_cortex_comes_as_bits(client):
    about = client.get("/_nc/lesions/about.json").json()
    assert about["first"] == list(GROUPS) and about["groups"]["V1"] == ["V1"] and len(about["areas"]) == 180
    for asked, wanted in (({"lesion": "V1,L_MT"}, rows_of("V1,L_MT")), ({"keep": "scene"}, ~rows_of("scene"))):
        found = client.get("/_nc/lesions/mask.json", params={"subject": 2, **asked}).json()
        bits = np.unpackbits(np.frombuffer(base64.b64decode(found["bits"]), np.uint8), bitorder="little")
        assert (bits[: len(wanted)] == wanted).all() and 0 < found["n"] < found["of"] == 3706
    assert client.get("/_nc/lesions/mask.json", params={"subject": 1}).json() == {"n": 0, "of": 3286, "bits": ""}
    for asked, says in (
        ({"lesion": "V11"}, "such as: V1"),
        ({"keep": "44"}, "subject 1 has no voxel"),
        ({"x": 1}, "x"),
    ):
        answer = client.get("/_nc/lesions/mask.json", params={"subject": 1, **asked})
        assert answer.status_code == 400 and says in answer.text and "\n" not in answer.text


def test_steps_are_scored_where_their_files_are(client):
    stored = client.get("/_nc/lesions/stored/1/150.json").json()
    assert 0.3 < stored["blurry_pixel_correlation"] < 1 and stored["words_object"] in (0, 1) and len(stored) == 6
    assert client.get("/_nc/lesions/stored/1/300.json").status_code == 404
    assert client.get("/_nc/lesions/run/nothing/3.json").status_code == 404
    blurry = client.get("/_nc/stored/1/150/blurry.mp4").content
    SHELF.put("half", "blurry.mp4", blurry)  # a run that is under way
    half = client.get("/_nc/lesions/run/half/150.json", params={"caption": "a train"}).json()
    assert half == {name: value for name, value in stored.items() if name.startswith("blurry")}
    said = json.dumps({"caption": precomputed.load(1, 150)["caption"]}).encode()
    SHELF.put("half", SHOWN, said)  # which ended: words are those of the run, whatever is sent
    ended = client.get("/_nc/lesions/run/half/150.json", params={"caption": "a purple cat"}).json()
    assert ended == {name: value for name, value in stored.items() if not name.startswith("keyframe")}


def test_a_lesioned_run_is_told_as_such():
    request = request_of({"subject": 1, "clip": 3, "lesion": "V1,V2", "silence": "noise"})
    now = live.Live("key", request).now()
    assert now["command"].endswith("--subject 1 --clip 3 --lesion V1,V2 --silence noise")


@pytest.mark.browser
def test_cortex_is_chosen_by_group_name_key_and_brush_and_decodes_again(address):
    """A lesioned film is never the stored one, and the address keeps what is silenced."""
    with open_tab() as tab:
        tab.goto(f"{address}/?tab=brain&clip=150&video_steps=1&keyframe_draws=1")
        tab.wait_for_selector("#lesion-status", timeout=60_000)
        says = "text => document.getElementById('lesion-status').textContent.includes(text)"
        tab.wait_for_function(says, arg="No region is chosen")
        tab.fill("#lesion-name", "V11")
        tab.press("#lesion-name", "Tab")
        tab.wait_for_function("() => document.getElementById('lesion-wrong').textContent.includes('such as: V1')")
        tab.click(".nc-chip >> text='V2'")
        tab.wait_for_function(says, arg="V2 silenced: 259 of 3,286 voxels")
        assert "lesion=V2" in tab.url and tab.get_attribute(".nc-chip >> text='V2'", "aria-pressed") == "true"
        tab.wait_for_selector("[data-cell=lesion-video] video", timeout=120_000)
        assert "/_nc/runs/" in tab.get_attribute("[data-cell=lesion-video]", "data-src")
        tab.click("#tab-explore-button")  # beside a film that V2 had no part in, the map shows no activity of V2
        note = "() => document.querySelector('#flat .fm-note').textContent"
        tab.wait_for_function(f"{note}.includes('silenced before decoding (V2 silenced)')")
        tab.click("#tab-brain-button")
        tab.wait_for_function(
            "() => /\\d/.test(document.querySelector('[data-score=blurry_ssim] td:nth-child(3)').textContent)"
        )
        tab.focus("#lesion-flat .fm-picture")
        tab.keyboard.press("ArrowRight")
        tab.keyboard.press("Enter")  # the area under the cross-hair
        tab.wait_for_function("() => document.querySelectorAll('.nc-lesion-words li').length === 2")
        tab.click("#lesion-undo")
        tab.click("#brain-lesions >> text=paint")
        box = tab.locator(".nc-brush").bounding_box()
        tab.mouse.move(box["x"] + 0.42 * box["width"], box["y"] + 0.4 * box["height"])
        tab.mouse.down()
        tab.mouse.move(box["x"] + 0.46 * box["width"], box["y"] + 0.5 * box["height"], steps=6)
        tab.mouse.up()
        tab.wait_for_function(says, arg="V2, painted cortex silenced")
        assert "disc" in tab.url
        tab.click("#brain-lesions >> text=keep only these")
        tab.wait_for_function(says, arg="all but V2, painted cortex silenced")
        assert "keep=V2" in tab.url and "lesion=" not in tab.url
        tab.click("#tab-explore-button")
        tab.click("#whole-brain")
        assert "keep" not in tab.url and tab.locator("#whole-brain").count() == 0
        tab.click("#tab-brain-button")
        tab.wait_for_function(says, arg="No region is chosen")
        tab.click(".nc-chip >> text='V2'")
        tab.click("#lesion-clear")
        tab.wait_for_function(says, arg="No region is chosen")
        assert "keep" not in tab.url and tab.is_disabled("#lesion-go")
