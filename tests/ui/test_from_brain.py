"""The strip of eight films on the page: one click, one film after another, and the brain share at the end."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from neuroclips.evaluation.brain_share import METRICS
from neuroclips.evaluation.brains import BRAINS, FLOOR
from neuroclips.precomputed import ceilings
from neuroclips.ui.routes import routes
from neuroclips.ui.shelf import SHELF, SHOWN
from tests.ui.chromium import open_tab

FAST = "keyframe_steps=1&keyframe_draws=1&prior_steps=2&prior_samples=1"
DONE = "() => /^Brain share of/.test(document.querySelector('#from-brain .nc-brain-line').textContent)"


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes())) as client:
        yield client


def events(answer) -> list[dict]:
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]


@pytest.fixture(scope="module")
def told(client):
    return events(client.get(f"/_nc/from_brain?subject=1&clip=5&run=mine&{FAST}"))


def test_rows_come_one_after_another_and_the_share_with_the_last(told):
    assert {now["run"] for now in told} == {"mine"}
    seen = [len(now["rows"]) for now in told]
    assert seen == sorted(seen) and set(seen) == set(range(1, len(BRAINS) + 1))
    assert [now["state"] for now in told].count("done") == 1
    for now in told[:-1]:
        assert "shares" not in now and sum(row["state"] == "running" for row in now["rows"].values()) <= 1
    last = told[-1]
    assert last["state"] == "done" and list(last["rows"]) == list(BRAINS) and set(last["shares"]) == set(METRICS)


def test_the_answer_is_that_of_the_scores_that_are_shown(told):
    rows, share = told[-1]["rows"], told[-1]["shares"]["frame_2_way"]
    score = {name: float(row["scores"]["video"]["frame_2_way"]) for name, row in rows.items()}
    floor, ceiling = sum(score[name] for name in FLOOR) / len(FLOOR), ceilings()[5].frame_2_way
    assert share["value"] == pytest.approx((score["real"] - floor) / (ceiling - floor))
    assert share["n_truths"] == 30 and share["p"] == rows["real"]["p"]["frame_2_way"]
    assert told[-1]["line"].startswith("brain share of frame 2-way: ")


def test_films_are_files_and_are_kept(told, client):
    for row in told[-1]["rows"].values():
        assert client.get(row["files"]["video"]).headers["content-type"] == "video/mp4"
        assert row["command"].startswith("python -m neuroclips from-brain --subject 1 --clip 5 ")
        assert json.loads(SHELF.get(row["key"], SHOWN))["scores"] == row["scores"]
    again = events(client.get(f"/_nc/from_brain?subject=1&clip=5&{FAST}"))
    assert all(row["kept"] for row in again[-1]["rows"].values()) and again[-1]["shares"] == told[-1]["shares"]


def test_what_makes_no_sense_is_told_in_one_line(client):
    (only,) = events(client.get("/_nc/from_brain?subject=7&clip=5"))
    assert only["state"] == "failed" and only["message"].startswith("got subject 7")


@pytest.mark.browser
def test_one_click_opens_the_strip_and_the_address_brings_it_back(address):
    with open_tab() as tab:
        tab.set_viewport_size({"width": 390, "height": 800})
        tab.goto(f"{address}/?clip=5&video_steps=1&{FAST}")
        tab.wait_for_selector("#is-brain", timeout=60_000)
        assert tab.is_hidden("#from-brain")
        tab.focus("#is-brain")
        tab.keyboard.press("Enter")
        assert "from_brain=true" in tab.url and tab.is_visible("#from-brain")
        tab.wait_for_function(DONE, timeout=240_000)
        films = tab.locator("#from-brain .nc-brains video")
        assert films.count() == 1 + len(BRAINS) and tab.locator("#from-brain [data-score]").count() == 4 * len(BRAINS)
        said = tab.inner_text("#from-brain")
        assert "simulated data" in said and "0 % is the floor" in said and "computed now" in said
        assert "precomputed" not in said and "No share: the stored ceiling is of other settings: video_steps." in said
        wide = "() => document.documentElement.scrollWidth - innerWidth"
        assert tab.evaluate(wide) <= 0
        line = tab.inner_text("#from-brain .nc-brain-line")
        tab.evaluate("document.getElementById('tab-brain-button').click()")  # the same run on the Brain tab
        tab.wait_for_function(
            "want => document.querySelector('#brain-controls .nc-brain-line')?.textContent === want", arg=line
        )
        tab.fill("#controls-clip", "6")
        assert "not decoded with this choice yet" in tab.inner_text("#brain-controls .nc-brain-line")
        assert "computed now" not in tab.inner_text("#brain-controls")
        tab.goto(f"{address}/?clip=7&from_brain=true")  # a link opens the strip, and runs nothing
        tab.wait_for_selector("#from-brain .nc-brain-line", timeout=60_000)
        tab.wait_for_timeout(300)
        assert "not decoded with this choice yet" in tab.inner_text("#from-brain .nc-brain-line")
