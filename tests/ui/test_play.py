"""The game: rounds follow from their number, are fair, and the score is the visitor's beside the model's and chance."""

import base64

import numpy as np
import pytest
from scipy.stats import binomtest

from neuroclips.pairs import PATH
from neuroclips.reading import read_json
from neuroclips.ui import catalogue
from neuroclips.ui.web import static_url
from tests.ui.chromium import open_tab

STATIC = static_url("").rstrip("/")

DRAWN = """async ([clips, numbers]) => {
  const { roundOf } = await import('/_nc/static/rounds.js');
  return numbers.map(number => roundOf(number, clips, [1, 2, 3]));
}""".replace("/_nc/static", STATIC)
JUDGED = """async ([pairs, asked]) => {
  const { judged } = await import('/_nc/static/rounds.js');
  return asked.map(([subject, clip, other]) => judged(pairs, subject, 300)(clip, other));
}""".replace("/_nc/static", STATIC)
INTERVALS = """async asked => {
  const { interval } = await import('/_nc/static/rounds.js');
  return asked.map(([k, n]) => interval(k, n));
}""".replace("/_nc/static", STATIC)


@pytest.fixture(scope="module")
def tab(light_page):
    with open_tab() as tab:
        tab.goto(light_page)
        tab.get_by_role("tab", name="Play").click()
        tab.wait_for_selector(".pl-choice")
        yield tab


@pytest.mark.browser
def test_rounds_follow_from_their_number_and_never_show_one_shot_twice(tab):
    clips, numbers = catalogue.clips(300), list(range(1, 2001))
    rounds = tab.evaluate(DRAWN, [clips, numbers])
    assert rounds == tab.evaluate(DRAWN, [clips, numbers])
    for drawn in rounds:
        assert clips[drawn["clip"]]["group"] != clips[drawn["other"]]["group"]
        assert drawn["shown"][drawn["answer"]] == drawn["clip"] and drawn["other"] in drawn["shown"]
    assert 0.45 < np.mean([drawn["answer"] for drawn in rounds]) < 0.55
    assert len({drawn["clip"] for drawn in rounds}) > 295 and {drawn["subject"] for drawn in rounds} == {1, 2, 3}


@pytest.mark.browser
def test_the_browser_reads_the_judgements_that_were_written(tab):
    pairs, n = read_json(PATH), 300
    asked = np.random.default_rng(0).integers([1, 0, 0], [4, n, n], (200, 3)).tolist()
    bits = {s: np.frombuffer(base64.b64decode(row["nearer"]), np.uint8) for s, row in pairs["subjects"].items()}
    told = {s: np.unpackbits(packed.reshape(n, -1), axis=1).astype(bool) for s, packed in bits.items()}
    assert tab.evaluate(JUDGED, [pairs, asked]) == [bool(told[str(s)][clip, other]) for s, clip, other in asked]


@pytest.mark.browser
def test_intervals_are_those_of_wilson(tab):
    asked = [(0, 3), (3, 3), (7, 10), (52, 100)]
    expected = [binomtest(k, n).proportion_ci(method="wilson") for k, n in asked]
    assert np.allclose(tab.evaluate(INTERVALS, asked), expected)


@pytest.mark.browser
def test_a_game_is_played_by_keys_and_scored_beside_the_model_and_chance(tab):
    clips, pairs = catalogue.clips(300), read_json(PATH)
    tab.fill("#play input", "500")
    tab.press("#play input", "Tab")
    tab.locator("#play h2").click()
    asked = tab.evaluate(DRAWN, [clips, [500, 501, 502]])
    right = model = 0
    for drawn, key in zip(asked, "121", strict=True):
        tab.wait_for_function("document.querySelector('.pl-film video').readyState > 1")
        assert f"/{drawn['subject']}/{drawn['clip']}/abg.mp4" in tab.get_attribute(".pl-film video", "src")
        tab.keyboard.press(key)
        won = drawn["answer"] == int(key) - 1
        right += won
        model += tab.evaluate(JUDGED, [pairs, [(drawn["subject"], drawn["clip"], drawn["other"])]])[0]
        assert tab.inner_text(".pl-told").startswith("Right" if won else "No")
        assert tab.locator(".pl-choice").nth(drawn["answer"]).get_attribute("class") == "pl-choice pl-right"
        tab.keyboard.press("Enter")  # the next round has the focus
    you, the_model, chance = tab.locator(".pl-count").all_inner_texts()
    assert you.startswith(f"{right} of 3") and the_model.startswith(f"{model} of 3") and chance == "50 %"
    assert "precomputed" in tab.inner_text("#play") and "simulated" in tab.inner_text("#play")
    tab.click("#play .pl-new")
    assert tab.locator(".pl-count").first.inner_text() == "no round yet"


@pytest.mark.browser
def test_a_round_that_was_not_judged_counts_for_the_visitor_alone(tab, light_page):
    nothing = tab.context.browser.new_context().new_page()
    nothing.route("**/_nc/pairs.json", lambda route: route.fulfill(json={**read_json(PATH), "subjects": {}}))
    nothing.goto(light_page)
    nothing.get_by_role("tab", name="Play").click()
    nothing.locator(".pl-choice").first.click()
    assert nothing.inner_text(".pl-told").endswith("The model has not judged this one.")
    you, the_model, _ = nothing.locator(".pl-count").all_inner_texts()
    assert " of 1, " in you and the_model == "no round yet"
    nothing.context.close()
