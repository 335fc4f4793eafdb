"""The flat map: the colour bar of the paper (inferno from 0.25 to 0.75), drawn as it is labelled, and what it tells."""

import base64
import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from PIL import Image

from neuroclips.brain.glossary import GLOSSARY
from neuroclips.ui import flatmap
from neuroclips.ui.palettes import PALETTES
from neuroclips.ui.web import static_url
from tests.ui.chromium import open_tab

STATIC = static_url("").rstrip("/")

N = 59_412
MOUNTED = """async ([options, value]) => {
  const { mountFlatMap } = await import('/_nc/static/flatmap.js');
  const style = document.createElement('link');
  Object.assign(style, { rel: 'stylesheet', href: '/_nc/static/flatmap.css' });
  document.head.append(style);
  const box = document.createElement('div');
  box.id = 'map';
  document.body.replaceChildren(box);
  window.map = mountFlatMap(box, { base: '/_nc/brain/', ...options });
  window.map.show(value);
}""".replace("/_nc/static", STATIC)
AT = """([x, y]) => { const canvas = document.querySelector('#map .fm-canvas'), scale = canvas.width / 900;
  return [...canvas.getContext('2d').getImageData(scale * x, scale * y, 1, 1).data]; }"""
BAR = """() => { const bar = document.querySelector('#map .fm-bar');
  return [...bar.getContext('2d').getImageData(0, 0, bar.width, 1).data]; }"""
IN_V1 = (492, 184)  # [900ths of the width], right


def byte_of(value):
    """The byte that stands for a value, as the browser gets it."""
    return int(flatmap.quantised(np.array([value]))[0])


def colour(name, place):
    """What matplotlib paints at a place from 0 to 1, as uint8 (3,)."""
    return (matplotlib.colormaps[name](np.clip(place, 0, 1))[:3] * np.array(255)).astype(np.uint8).tolist()


def meant(value):
    """The value that the byte of a value stands for."""
    return (byte_of(value) - 1) / 254


@pytest.mark.parametrize("name", PALETTES)
def test_the_colours_are_those_of_matplotlib(name):
    stored = np.frombuffer(base64.b64decode(PALETTES[name]), np.uint8).reshape(256, 3)
    assert (stored == (matplotlib.colormaps[name](np.arange(256))[:, :3] * 255).astype(np.uint8)).all()
    assert (flatmap.LOW, flatmap.HIGH) == (0.25, 0.75)


def test_the_glossary_explains_every_area_of_the_groups_and_none_that_there_is_not():
    from neuroclips.brain.regions import GROUPS

    names = flatmap.options()["names"]
    assert set(GLOSSARY) <= set(names) and {area for areas in GROUPS.values() for area in areas} <= set(GLOSSARY)
    assert all(15 < len(line) < 100 or name == "H" for name, line in GLOSSARY.items())


def test_what_is_missing_has_a_byte_of_its_own():
    assert byte_of(np.nan) == 0 and byte_of(0.0) == 1 and byte_of(1.0) == 255
    packed = flatmap.pack(np.array([np.nan, 1.0]), "note")
    assert packed == {"b64": base64.b64encode(bytes([0, 255])).decode(), "note": "note", "ends": (0, 1)}


def test_the_map_is_imported_without_matplotlib():
    ask = "import sys, neuroclips.ui.flatmap; print('matplotlib' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True).stdout.strip() == "False"


@pytest.fixture(scope="module")
def tab(light_page):
    """A tab with a map of one value everywhere, 0.5, once the component has drawn its own."""
    with open_tab() as tab:
        tab.goto(light_page)
        tab.wait_for_selector("#flat [data-drawn='from the server']", state="attached")
        tab.evaluate(MOUNTED, [flatmap.options(), flatmap.pack(np.full(N, 0.5), "a half everywhere")])
        tab.wait_for_selector("#map[data-drawn='a half everywhere']", state="attached")
        yield tab


def show(tab, values, note="", **more):
    tab.evaluate("value => window.map.show(value)", flatmap.pack(values, note) | more)


@pytest.mark.browser
@pytest.mark.parametrize("value", [0.26, 0.375, 0.5, 0.6, 0.74])
def test_the_colour_bar_shows_at_a_value_what_the_map_paints_for_it(tab, value):
    show(tab, np.full(N, value))
    bar = np.reshape(tab.evaluate(BAR), (-1, 4))
    column = round((value - 0.25) / 0.5 * (len(bar) - 1))
    painted = tab.evaluate(AT, IN_V1)
    assert painted == [*colour("inferno", (meant(value) - 0.25) / 0.5), 255]
    assert painted in bar[max(column - 1, 0) : column + 2].tolist()  # columns are bytes: the nearest, or beside it


@pytest.mark.browser
def test_the_bar_on_the_screen_is_labelled_where_its_colours_are(tab):
    show(tab, np.full(N, 0.375))
    screen = np.asarray(Image.open(io.BytesIO(tab.screenshot())).convert("RGB")).astype(int)
    box = tab.locator("#map .fm-bar").bounding_box()
    ticks = tab.locator("#map .fm-ticks span").all_inner_texts()
    canvas = tab.locator("#map .fm-canvas").bounding_box()
    x, y = (
        canvas[side] + canvas[size] * at / n
        for side, size, at, n in zip("xy", ("width", "height"), IN_V1, (900, 364.5), strict=True)
    )
    painted = np.median(screen[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].reshape(-1, 3), 0)
    shown = screen[round(box["y"] + box["height"] / 2), round(box["x"] + box["width"] / 4)]
    assert ticks == ["0.25", "0.5", "0.75"] and abs(shown - painted).max() < 10 and shown[0] > 70


@pytest.mark.browser
def test_a_map_of_other_numbers_is_labelled_with_them(tab):
    tab.evaluate("value => window.map.show(value)", flatmap.pack(np.full(N, 0.75), "z-scores", ends=(-4, 4)))
    assert tab.locator("#map .fm-ticks span").all_inner_texts() == ["−2", "0", "2"]
    assert tab.locator("#map .fm-key").inner_text() == "below −2, or no voxel"
    box = tab.locator("#map .fm-canvas").bounding_box()
    tab.mouse.move(box["x"] + box["width"] * IN_V1[0] / 900, box["y"] + box["height"] * IN_V1[1] / 364.5)
    assert tab.locator("#map .fm-tip").inner_text().splitlines()[0] == "V1, right: 1.98"  # the nearest byte
    show(tab, np.full(N, 0.5))
    assert tab.locator("#map .fm-ticks span").all_inner_texts() == ["0.25", "0.5", "0.75"]


@pytest.mark.browser
def test_a_window_moves_both_the_map_and_the_bar(tab):
    for low, high in ((0.1, 0.9), (0.4, 0.6)):
        show(tab, np.full(N, 0.5), window=[low, high])
        assert tab.evaluate(AT, IN_V1) == [*colour("inferno", (meant(0.5) - low) / (high - low)), 255]
        ticks = tab.locator("#map .fm-ticks span").all_inner_texts()
        assert (
            ticks == [f"{low:g}", "0.5", f"{high:g}"]
            and len(tab.evaluate(BAR)) // 4 == byte_of(high) - byte_of(low) + 1
        )
    show(tab, np.full(N, 0.39), window=[0.4, 0.6])
    assert tab.evaluate(AT, IN_V1)[3] == 0


@pytest.mark.browser
def test_a_signed_map_has_two_colours_and_nothing_about_zero(tab):
    signed = {"signed": True, "window": [0.1, 0.5], "ends": [-5, 5]}
    for value in (0.3, 0.42, 0.6, 0.9):
        show(tab, np.full(N, value), **signed)
        assert tab.evaluate(AT, IN_V1) == [*colour("RdBu_r", 0.5 + (2 * meant(value) - 1)), 255]
        assert tab.evaluate(AT, IN_V1) in np.reshape(tab.evaluate(BAR), (-1, 4)).tolist()
    show(tab, np.full(N, 0.53), **signed)
    assert tab.evaluate(AT, IN_V1)[3] == 0 and np.reshape(tab.evaluate(BAR), (-1, 4))[:, 3].min() == 0
    assert tab.locator("#map .fm-ticks span").all_inner_texts() == ["−2.5", "0", "2.5"]
    assert tab.locator("#map .fm-key").inner_text() == "within ±0.5, or no voxel"


@pytest.mark.browser
def test_the_pictures_are_sharp_on_a_screen_of_two_pixels_each(tab):
    size = tab.evaluate("[...document.querySelectorAll('#map canvas, #map img')].map(x => x.naturalWidth || x.width)")
    assert sorted(size)[1:] == [1800] * 4 and tab.locator("#map .fm-canvas").bounding_box()["width"] > 900


@pytest.mark.browser
def test_folds_show_where_values_are_below_the_bar_or_missing(tab):
    for value in (np.nan, 0.0, 0.24):
        show(tab, np.full(N, value))
        assert tab.evaluate(AT, IN_V1)[3] == 0
    show(tab, np.full(N, 0.25))
    assert tab.evaluate(AT, IN_V1)[3] == 255


@pytest.mark.browser
def test_it_draws_within_50_ms(tab):
    packed = flatmap.pack(np.random.default_rng(0).random(N), "")
    script = "value => { const from = performance.now(); window.map.show(value); return performance.now() - from; }"
    assert min(tab.evaluate(script, packed) for _ in range(5)) < 50


@pytest.mark.browser
def test_arrows_go_from_area_to_area_and_say_what_lies_there(tab):
    show(tab, np.full(N, 0.5))
    said = tab.locator("#map [role=status]")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "fm-picture"
    seen = []
    for key in ("ArrowRight", "ArrowLeft", "ArrowDown"):
        tab.keyboard.press(key)
        seen.append(said.inner_text())
    assert len(set(seen)) == 3 and all(text.endswith(": 0.50") and ", left" in text for text in seen)
    tab.keyboard.press("Enter")
    assert said.inner_text() == seen[-1] + ", pinned"
    tab.keyboard.press("Escape")
    assert not said.inner_text() and tab.locator("#map .fm-cross").is_hidden()


@pytest.mark.browser
def test_the_pointer_names_the_area_and_a_click_pins_it(tab):
    values = np.full(N, np.nan)
    show(tab, values)
    box = tab.locator("#map .fm-canvas").bounding_box()
    x, y = box["x"] + box["width"] * IN_V1[0] / 900, box["y"] + box["height"] * IN_V1[1] / 364.5
    tab.mouse.move(x, y)
    assert tab.locator("#map .fm-tip").inner_text().splitlines() == ["V1, right: no voxel", GLOSSARY["V1"]]
    tab.mouse.click(x, y)
    tab.mouse.move(box["x"] + 20, box["y"] + 20)
    assert tab.locator("#map .fm-tip").is_visible()
    tab.mouse.click(box["x"] + 20, box["y"] + 20)
    assert tab.locator("#map .fm-tip").is_hidden()
