"""The Evaluate tab and what it fetches: stored numbers as they are, beside floors and ceilings, and nothing hidden."""

import json

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from neuroclips import precomputed
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.ui import catalogue, page, scored
from neuroclips.ui.routes import routes
from neuroclips.ui.web import head
from tests.ui.chromium import open_tab
from tests.ui.made_scores import KINDS, scores

SCORES = scores(worst=precomputed.marks(2)["worst"])


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A folder of an evaluation, in the place of the shipped one."""
    (tmp_path / "scores.json").write_text(json.dumps(SCORES), encoding="utf-8")
    (tmp_path / "clips.csv").write_text("subject,clip\n", encoding="utf-8")
    monkeypatch.setattr(scored, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def client():
    with TestClient(Starlette(routes=routes())) as client:
        yield client


def test_numbers_come_as_they_are_stored_with_what_each_of_them_is(client, stored):
    about = client.get("/_nc/evaluation/about.json").json()
    assert about["files"] == ["clips.csv", "scores.json"] and set(about["protocols"]) == set(PROTOCOLS)
    assert client.get(f"/_nc/evaluation/scores.json?made={about['made']}").json() == SCORES
    assert client.get("/_nc/evaluation/scores.json", headers={"accept-encoding": "identity"}).json() == SCORES
    chances = {name: known["chance"].get("video_2_way") for name, known in about["protocols"].items()}
    assert chances["paper"] == 0.5 and chances["mind-video"] == pytest.approx(0.75)
    assert about["protocols"]["paper"]["blind"] == ["clip_pcc"] and about["protocols"]["mind-animator"]["blind"] == []
    used = {m for part in SCORES["mean"]["protocols"].values() for m in part["conditions"]["full"]["metrics"]}
    assert used <= set(about["metrics"]) and set(KINDS) == set(about["conditions"])
    for name in ("..%2fscores.json", "clips.tsv"):
        assert client.get(f"/_nc/evaluation/{name}").status_code == 404


def test_a_new_file_has_a_new_address(client, stored):
    before = client.get("/_nc/evaluation/about.json").json()["made"]
    (stored / "scores.json").write_text(json.dumps(SCORES | {"version": "0.17.0"}), encoding="utf-8")
    after = client.get("/_nc/evaluation/about.json").json()["made"]
    assert after != before and client.get("/_nc/evaluation/scores.json").json()["version"] == "0.17.0"


def test_the_papers_directions_are_those_of_its_table_2():
    paper = scored.about()["table_2"]
    assert paper["no-keyframe"]["ssim"] < 0 < paper["no-keyframe"]["video_2_way"]  # keyframes give meaning, take SSIM
    assert paper["no-blurry"]["ssim"] == 0.136 and paper["no-blurry"]["frame_41_way"] == pytest.approx(-0.006)


def test_p_of_a_clip_is_in_the_table_of_films_and_absent_where_nothing_was_evaluated(stored):
    told = SCORES["subjects"]["2"]["protocols"]["paper"]["clip_p"]
    assert catalogue.films(2)["p"][7] == {name: values[7] for name, values in told.items()}
    (stored / "scores.json").unlink()
    assert scored.clip_p(2) == {}


def test_the_page_tells_the_p_of_what_was_evaluated_last(client, stored):
    told = SCORES["subjects"]["2"]["protocols"]["paper"]["clip_p"]["ssim"]
    assert client.get("/_nc/films/2.json").json()["p"]["7"]["ssim"] == told[7]
    (stored / "scores.json").unlink()
    assert client.get("/_nc/films/2.json").json()["p"] == {}


def test_damaged_scores_take_nothing_else_from_the_page(stored):
    for text in ('{"subjects": {"1"', '{"subjects": {}}', "[]"):
        (stored / "scores.json").write_text(text, encoding="utf-8")
        with pytest.warns(UserWarning, match="neuroclips evaluate"):
            assert scored.clip_p(1) == {}


@pytest.fixture
def served(stored):
    """The address of a page with this tab and the one that its films open in."""
    with gr.Blocks() as demo, gr.Tabs():
        for tab in page.TABS:
            if tab.id in ("explore", "evaluate"):
                with gr.Tab(tab.title, id=tab.id, elem_id=f"tab-{tab.id}"):
                    tab.build(demo)
    options = {"theme": page.theme(), "head": head(), "app_kwargs": {"routes": routes()}}
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, **options)
    yield url
    demo.close()


def rows(tab, part):
    """Text of the rows of the first table of a part of the tab."""
    return tab.locator(f"#evaluate [data-part={part}] table >> nth=0").locator("tr").all_inner_texts()


@pytest.mark.browser
def test_scores_stand_between_their_floors_and_ceilings_and_choices_in_the_address(served):
    full = SCORES["subjects"]["1"]["protocols"]["paper"]["conditions"]["full"]["metrics"]
    with open_tab() as tab:
        tab.goto(f"{served}?tab=evaluate&subject=1")
        tab.wait_for_selector("#evaluate [data-part=leaks] li")
        (video,) = [row for row in rows(tab, "scores") if row.startswith("video 2")]
        assert all(
            word in video
            for word in ("0.880", "[0.860, 0.900]", "flat colour", "0.530", "0.970", "p\u00a0=\u00a00.001")
        )
        assert tab.locator("#evaluate .nc-dial").count() == len(full)
        (arrow,) = tab.locator("#evaluate [data-score=end_point_error] .nc-arrow").all_inner_texts()
        assert arrow == "↓"
        flat = next(row for row in rows(tab, "floors") if row.startswith("flat colour"))
        assert "▲ 0.496" in flat and "▲ 13.6" not in flat
        beside = next(row for row in rows(tab, "protocols") if row.startswith("video 2"))
        assert "chance 0.500" in beside and "chance 0.750" in beside
        assert "three leading classes" in tab.inner_text("[data-part=protocols]")
        table_2 = tab.inner_text("[data-part=ablations]")
        assert "✓ as in the paper" in table_2 and "✗ against the paper" in table_2
        assert tab.locator("#evaluate .nc-chart svg[role=img]").count() == len(full) - 1 + 2
        marks = tab.locator("[data-part=leaks] li").all_inner_texts()
        assert [mark.split("\n")[0][0] for mark in marks] == ["✓", "✗", "–"]
        tab.select_option("#protocol", "neurons")
        tab.click("#evaluate .nc-segments label:has-text('mean')")
        assert "protocol=neurons" in tab.url and "average=true" in tab.url
        tab.go_back()
        assert "average" not in tab.url and tab.input_value("#protocol") == "neurons"


@pytest.mark.browser
def test_films_stand_below_their_truth_and_open_in_explore_with_the_p_of_each_score(served):
    clip = precomputed.marks(2)["worst"]  # there are films without alpha, too
    with open_tab() as tab:
        tab.goto(f"{served}?tab=evaluate&subject=2")
        tab.locator("[data-part=strips]").scroll_into_view_if_needed()
        tab.wait_for_selector("[data-cell=truth-1] video", state="attached")
        tab.click("#evaluate .nc-segments label:has-text('worst')")
        tab.wait_for_selector(f"[data-cell=film-1][data-src*='/stored/2/{clip}/abg.mp4']")
        tab.click(f"text=Clip {clip}")
        assert f"subject=2&clip={clip}" in tab.url and "tab=" not in tab.url
        assert tab.get_attribute("#tab-explore-button", "aria-selected") == "true"
        p = SCORES["subjects"]["2"]["protocols"]["paper"]["clip_p"]["ssim"][clip]
        said = f"Fits its clip better than {int(100 * (1 - p))} % of the others"
        tab.wait_for_selector(f"#scores [data-score=ssim] .nc-p:has-text('{said}')")
        assert tab.locator("#scores [data-score=clip_pcc] .nc-p").count() == 0  # it never looks at the truth
        tab.click("label:has(#alpha)")
        tab.wait_for_selector("[data-cell=video][data-src*='bg.mp4']:not([data-src*=abg])")
        assert tab.locator("#scores .nc-p").count() == 0


@pytest.mark.browser
def test_without_an_evaluation_the_tab_says_which_command_makes_one(served, stored):
    (stored / "scores.json").unlink()
    with open_tab() as tab:
        tab.goto(f"{served}?tab=evaluate")
        tab.wait_for_selector(f"#evaluate code:has-text('{scored.COMMAND}')")
