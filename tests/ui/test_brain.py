"""The Brain tab's maps and activity: what is served, and what a browser makes of it."""

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from neuroclips.brain.regions import GROUPS
from neuroclips.maps import stored
from neuroclips.maps.layers import LAYERS
from neuroclips.ui import activity, cortex_data
from neuroclips.ui.routes import routes
from neuroclips.ui.web import static_url
from tests.ui.chromium import open_tab

STATIC = static_url("").rstrip("/")


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes())) as client:
        yield client


def test_activity_is_that_of_the_samples_where_their_voxels_are(client, data):
    voxel = np.frombuffer(client.get("/_nc/activity/2/voxels.bin").content, "<u2")
    index = data.vertex_index(2)
    assert voxel.shape == (59_412,) and (voxel[index] == 1 + np.arange(len(index))).all()
    chunk = np.frombuffer(client.get("/_nc/activity/2/1.bin").content, np.uint8).reshape(30, -1)
    low, high = activity.ENDS
    for clip in (30, 47, 59):
        z = data.sample(2, clip).voxels.numpy()
        shown = low + (high - low) * (chunk[clip - 30].astype(float) - 1) / 254
        assert np.abs(shown - np.clip(z, low, high)).max() < 0.021


def test_traces_are_means_over_the_voxels_of_a_group(client, data):
    from neuroclips.brain.cortex import load_cortex

    found = client.get("/_nc/activity/1/traces.json").json()
    here = np.isin(load_cortex().area[data.vertex_index(1)], GROUPS["MT complex"])
    assert found["MT complex"]["n"] == here.sum() and set(found) <= set(GROUPS)
    assert found["MT complex"]["z"][31] == pytest.approx(data.sample(1, 31).voxels.numpy()[here].mean(), abs=1e-3)


def test_layers_are_the_stored_ones_on_the_named_scale(client):
    about = client.get("/_nc/cortex/layers.json").json()
    assert list(about["layers"]) == [name for name in LAYERS if name != "difference"]
    for scale in about["scales"]:
        answer = client.get(f"/_nc/cortex/3/weights/semantic/{scale}.bin")
        values, ends = stored.scaled(3, "weights", "semantic", scale)
        assert np.abs((np.frombuffer(answer.content, np.uint8) - 1.0) / 254 - values).max() < 0.003
        assert [float(x) for x in answer.headers["x-ends"].split(",")] == pytest.approx(ends, rel=1e-4)


def test_the_difference_of_models_is_positive_where_perception_weighs_more(client):
    signed = np.frombuffer(client.get("/_nc/cortex/1/truth/difference/robust.bin").content, np.uint8)
    perception, semantic = (stored.values(1, "truth", model) for model in ("perception", "semantic"))
    assert (signed[(perception > 0) & (semantic == 0)] > 128).all() and (signed[semantic > 2 * perception] < 128).all()


def test_regions_tell_of_both_models_and_come_as_csv(client):
    found = client.get("/_nc/cortex/1/weights/regions.json").json()
    rows = {(row["area"], row["side"]): row for row in found["rows"]}
    mean, low, high = rows["V1", "left"]["means"]["perception"]
    assert low < mean < high and rows["V1", "left"]["group"] == "V1" and found["models"] == ["perception", "semantic"]
    assert sum(row["n"] for row in found["rows"]) == len(stored.values(1, "weights", "perception"))
    lines = client.get("/_nc/cortex/1/weights/regions.csv").text.splitlines()
    assert len(lines) == 1 + 2 * len(found["rows"]) and lines[0].startswith("subject,dataset,made,layer,unit")
    assert all(
        "simulated,precomputed" in line and "HCP Open Access" in line and "Glasser" in line for line in lines[1:]
    )


WRONG = (
    *("activity/9/voxels.bin", "activity/1/10.bin", "cortex/7/weights/regions.csv", "cortex/1/none/none/robust.bin"),
    *(f"cortex/1/weights/{wrong}.bin" for wrong in ("prior/robust", "none/robust", "semantic/x")),
    "cortex/1/reliability/difference/robust.bin",
)


@pytest.mark.parametrize("address", WRONG)
def test_what_is_not_there_is_not_found(client, address):
    assert client.get(f"/_nc/{address}").status_code == 404


def test_what_is_missing_is_told_with_what_it_needs(monkeypatch):
    monkeypatch.setattr(stored, "available", lambda subject: [("weights", "perception"), ("weights", "semantic")])
    told = cortex_data.about()["missing"][2]
    assert set(told) == set(LAYERS) - {"weights"} and "needs repeated showings" in told["reliability"]


MOUNTED = f"""async () => {{
  const load = name => import('{STATIC}/' + name + '.js');
  const box = id => Object.assign(document.createElement('div'), {{ id, className: 'nc' }});
  await (await load('page')).begin('');
  window.store = await load('store');
  document.body.replaceChildren(box('maps'), box('activity'));
  await (await load('maps')).mountMaps(document.getElementById('maps'));
  (await load('activity')).mountActivity(document.getElementById('activity'));
}}"""
PICTURE = """selector => {
  const canvas = document.querySelector(selector);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i] + 7 * data[i + 2] + data[i + 3]) % 1000003;
  return sum;
}"""  # one number of all that is drawn
SCRUBBED = """([selector, place]) => {
  const scrub = document.querySelector(selector);
  scrub.value = place;
  scrub.dispatchEvent(new Event('input'));
}"""
TIMED = f"""async () => {{
  const load = name => import('{STATIC}/' + name + '.js');
  const {{ mountFlatMap }} = await load('flatmap'), {{ activityOf, told }} = await load('samples');
  const box = document.createElement('div'), took = [], at = await activityOf(1, 5);
  document.body.append(box);
  const map = mountFlatMap(box, {{ base: '/_nc/brain/', ...(await load('data')).catalogue.map }});
  await map.ready;
  for (let i = 0; i < 12; i++) {{
    const began = performance.now();
    map.show({{ values: at(i / 6), ...told(1, 5, 3286) }});
    took.push(performance.now() - began);
  }}
  box.remove();
  return took;
}}"""
CANVAS = "#maps [data-subject='{}'] .fm-canvas"


@pytest.fixture(scope="module")
def tab(light_page):
    with open_tab() as tab:
        tab.goto(f"{light_page}?clip=124&area=R_FFC")
        tab.wait_for_selector("#flat [data-drawn='from the server']", state="attached")
        tab.evaluate(MOUNTED)
        tab.wait_for_selector("#maps[data-drawn*='weights perception']", timeout=20_000)
        tab.wait_for_selector("#activity [data-drawn*='4 s delay']", timeout=20_000)
        yield tab


def drawn(tab, words):
    tab.wait_for_selector(f"#maps[data-drawn*='{words}']", timeout=20_000)


@pytest.mark.browser
def test_an_address_pins_an_area_and_the_table_marks_it(tab):
    tab.wait_for_selector("#maps tr.on", timeout=5_000)
    assert tab.inner_text("#maps tr.on th") == "FFC R"
    assert "FFC, right" in tab.inner_text("#maps [data-subject='1'] .fm-said") and "area=R_FFC" in tab.url


@pytest.mark.browser
def test_choices_change_the_map_and_stand_in_the_address(tab):
    before = tab.evaluate(PICTURE, CANVAS.format(1))
    tab.click("#maps label:has-text('SR') >> nth=0")
    drawn(tab, "weights semantic min-max 0.25-0.75")
    tab.select_option("#maps [data-pick=scale]", "robust")
    drawn(tab, "robust")
    tab.evaluate("() => window.store.set({ window: '0.4-0.9' })")
    drawn(tab, "0.4-0.9")
    assert tab.evaluate(PICTURE, CANVAS.format(1)) != before
    assert all(part in tab.url for part in ("model=semantic", "scale=robust", "window=0.4-0.9"))
    assert tab.locator("#maps [data-subject='1'] .fm-ticks span").all_inner_texts() == ["0.4", "0.65", "0.9"]
    tab.click("#maps label:has-text('PR − SR')")
    drawn(tab, "difference")
    assert "−1" in tab.locator("#maps [data-subject='1'] .fm-ticks span").all_inner_texts()
    tab.select_option("#maps [data-pick=layer]", "reliability")
    drawn(tab, "reliability none")
    assert tab.evaluate("document.querySelector('#maps fieldset[aria-label=Model]').disabled")
    tab.evaluate("() => window.store.set({ layer: 'x', model: '../y', scale: 'z', window: '9-2' })")  # of an address
    drawn(tab, "weights perception min-max 0.25-0.75")


@pytest.mark.browser
def test_three_subjects_share_pointer_pin_and_keys(tab):
    tab.click("#maps label:has-text('All three')")
    drawn(tab, "three")
    tab.wait_for_function("() => [...document.querySelectorAll('#maps [data-subject] [data-drawn]')].length === 3")
    for subject in (2, 3):
        assert "FFC, right" in tab.inner_text(f"#maps [data-subject='{subject}'] .fm-tip")
    tab.wait_for_selector("#maps thead button:has-text('S3 PR')")
    assert tab.inner_text("#maps tbody tr >> nth=0").count("±") == 3
    picture = tab.locator("#maps [data-subject='2'] .fm-picture")
    picture.focus()
    tab.keyboard.press("Escape")
    assert "area=" not in tab.url and tab.locator("#maps .fm-tip:visible").count() == 0
    tab.keyboard.press("ArrowRight")
    said = tab.locator("#maps .fm-said").all_inner_texts()
    assert len({text.split(":")[0] for text in said}) == 1 and len(set(said)) > 1
    tab.keyboard.press("Enter")
    assert (
        all(text.endswith("pinned") for text in tab.locator("#maps .fm-said").all_inner_texts()) and "area=" in tab.url
    )
    tab.click("#maps label:has-text('1') >> nth=0")
    drawn(tab, "one 1")


@pytest.mark.browser
def test_the_table_sorts_filters_and_outlines_what_is_under_the_pointer(tab):
    tab.click("#maps thead button:has-text('PR')")
    assert tab.get_attribute("#maps thead th >> nth=2", "aria-sort") == "descending"
    tab.select_option("#maps .nc-regions select", "MT complex")
    names = tab.locator("#maps tbody th").all_inner_texts()
    assert {name.split()[0] for name in names} <= set(GROUPS["MT complex"]) and len(names) > 3
    outline = "#maps [data-subject='1'] .fm-outline"
    before = tab.evaluate(PICTURE, outline)
    tab.hover("#maps tbody tr >> nth=0")
    assert tab.evaluate(PICTURE, outline) != before
    tab.click("#maps tbody button >> nth=0")
    side, area = ("L" if names[0].endswith("L") else "R"), names[0].split()[0]
    assert f"area={side}_{area}" in tab.url and tab.get_attribute("#maps .nc-regions a", "href").endswith("regions.csv")


@pytest.mark.browser
def test_activity_moves_with_the_player_and_is_the_sample_in_the_middle_of_its_clip(tab, data):
    ready = "() => [...document.querySelectorAll('#activity video')].every(v => v.readyState > 1)"
    tab.wait_for_function(ready, timeout=20_000)
    pictures = []
    for place in (100, 500, 900):
        tab.evaluate(SCRUBBED, ["#activity .nc-scrub", place])
        tab.wait_for_timeout(350)
        pictures.append(tab.evaluate(PICTURE, "#activity .fm-canvas"))
    assert len(set(pictures)) == 3
    middle = tab.evaluate(f"""async () => [...(await (await import('{STATIC}/samples.js')).activityOf(1, 124))(1)]""")
    z = data.sample(1, 124).voxels.numpy()
    shown = np.array(middle)[data.vertex_index(1)]
    assert np.abs(shown - (1 + np.round(254 * np.clip(0.5 + z / 10, 0, 1)))).max() == 0


@pytest.mark.browser
def test_a_click_on_the_traces_goes_to_another_clip_and_keys_do(tab):
    box = tab.locator("#activity .nc-trace svg >> nth=0").bounding_box()
    tab.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 5)
    clip = int(tab.get_attribute("#activity .nc-traces", "aria-valuenow"))
    assert 130 < clip < 140 and f"clip={clip}" in tab.url and tab.input_value("#brain-clip") == str(clip)
    tab.focus("#activity .nc-traces")
    tab.keyboard.press("ArrowLeft")
    tab.wait_for_function(f"() => document.querySelector('#activity .nc-traces').ariaValueNow === '{clip - 1}'")


@pytest.mark.browser
def test_a_moving_map_costs_less_than_50_ms_a_picture(tab):
    assert min(tab.evaluate(TIMED)) < 50
