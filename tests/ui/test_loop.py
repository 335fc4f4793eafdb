"""The closed loop on the page: films are held in memory alone, bounded, refused in one line, gone when deleted."""

import asyncio
import time

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request

from neuroclips.errors import InputError
from neuroclips.loop.film import Film
from neuroclips.loop.settings import LoopConfig
from neuroclips.media import write_frames
from neuroclips.ui import loop_films, loop_job, looped, uploads
from neuroclips.ui.loop_films import EXAMPLES, FILMS, Films
from neuroclips.ui.permission import ALLOW
from neuroclips.ui.upload_guard import UploadGuard
from tests.ui.chromium import open_tab

FRAMES = np.zeros((32, 48, 48, 3), np.uint8)
APP = Starlette(routes=looped.ROUTES, middleware=[Middleware(UploadGuard)])


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_frames(tmp_path_factory.mktemp("film") / "mine.mp4", FRAMES, 8).read_bytes()


def asked(method, path, **values):
    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://here/_nc/loop") as client:
            return await client.request(method, path, **values)

    return asyncio.run(ask())


def upload(body, name="mine.mp4", consent="yes", **values):
    return asked("POST", "/upload", params={"name": name, "consent": consent}, content=body, **values)


def test_a_film_is_taken_shown_and_deleted(film):
    told = upload(film).json()
    assert told["name"] == "mine.mp4" and told["clips"] == 2
    address = told["src"].removeprefix("/_nc/loop")
    whole = asked("GET", address)
    assert whole.status_code == 200 and whole.headers["content-type"] == "video/mp4"
    part = asked("GET", address, headers={"range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == whole.content[10:20]
    assert asked("GET", address.replace("shown.mp4", "other.mp4")).status_code == 404
    assert asked("POST", f"/forget/{told['film']}").status_code == 204
    assert asked("GET", address).status_code == 404 and FILMS.of(told["film"]) is None
    events = asked("GET", "/follow", params={"film": told["film"], "run": "a"}).text
    assert '"failed"' in events and "not held any more" in events


def test_what_is_no_film_or_without_consent_is_refused_in_one_line(film, monkeypatch):
    for body, name, complaint in (
        (b"hello", "mine.mp4", "mine.mp4: got a file that does not read"),
        (b"", "mine.mp4", "got an empty file"),
        (film[: len(film) // 2], "../up/mine.mp4", "mine.mp4"),
    ):
        answer = upload(body, name)
        assert answer.status_code == 400 and complaint in answer.json()["detail"]
        assert "\n" not in answer.json()["detail"] and len(answer.json()["detail"]) < 300
    assert upload(film, consent="no").status_code == 400
    monkeypatch.setattr(uploads, "OWN", len(film) - 1)
    assert "expected at most 0 MB" in upload(film).json()["detail"]
    monkeypatch.setenv(ALLOW, "")
    assert upload(film).status_code == 403  # by the guard, before it is read
    about = asked("GET", "/about.json").json()
    assert not about["may"] and "Uploading is off" in about["note"] and len(about["examples"]) == len(EXAMPLES)


@pytest.mark.parametrize(("query", "complaint"), [
    ({"noise": "11"}, "got noise 11"), ({"repeats": "0"}, "got repeats 0"), ({"density": "0"}, "got density 0"),
    ({"seed": "-1"}, "got seed -1"), ({"subject": "one"}, "got subject 'one'"), ({"colour": "1"}, "got colour"),
    ({"seed": "9" * 5000}, "got seed"), ({"seed": "[" * 20_000}, "got seed"),
    ({"shows": "x" * 300}, "got shows"), ({"shows": "unicorn"}, "such as: "), ({"noise": "NaN"}, "got noise nan"),
])  # fmt: skip
def test_values_that_make_no_sense_are_told(query, complaint):
    events = asked("GET", "/follow", params={"film": "example-0", "run": "a", **query}).text
    assert '"failed"' in events and complaint in events


def test_examples_are_films_that_nothing_was_trained_on():
    for word in EXAMPLES:
        name, clips = loop_films.example_about(word)
        assert min(EXAMPLES[word]) >= 90_000 and name and 1 <= clips <= 5
    held = FILMS.of("example-0")
    assert held.film.n_clips == loop_films.example_about("example-0")[1]
    FILMS.forget("example-0")
    assert FILMS.of("example-0") is held


def test_films_are_few_and_go_after_an_hour():
    now = [0.0]
    films = Films(lambda: now[0], most=2)
    first, second, third = (films.add(Film(str(i), FRAMES)) for i in range(3))
    assert films.of(first) is None and films.of(second) and films.of(third)
    films.put(second, "key", {"a": b"1"})
    films.put(first, "key", {"a": b"1"})  # deleted meanwhile
    assert films.of(second).results == {"key": {"a": b"1"}}
    for i in range(10):
        films.put(second, str(i), {})
    assert len(films.of(second).results) == loop_films.RESULTS
    now[0] = uploads.KEPT + 1
    assert films.of(second) is None and films.of(third) is None


def test_films_go_by_themselves_when_their_hour_is_over():
    now = [0.0]
    films = Films(lambda: now[0], look=0.01)
    films.add(Film("mine", FRAMES))
    time.sleep(0.05)
    assert len(films._films) == 1
    now[0] = uploads.KEPT + 1
    until = time.monotonic() + 5
    while films._films and time.monotonic() < until:
        time.sleep(0.01)
    assert not films._films  # nobody asked for it


def test_who_leaves_while_a_film_is_read_leaves_nothing(film, monkeypatch):
    async def gone(request):
        return True

    monkeypatch.setattr(Request, "is_disconnected", gone)
    assert FILMS.of(upload(film).json()["film"]) is None


def test_a_film_is_encoded_once(film, monkeypatch):
    word = upload(film).json()["film"]
    first = asked("GET", f"/film/{word}/shown.mp4")
    monkeypatch.setattr(loop_films.encoded, "written", None)
    assert asked("GET", f"/film/{word}/shown.mp4").content == first.content


def test_the_same_film_and_settings_are_one_job():
    keys = [loop_job.job("example-0", LoopConfig(**values))[0] for values in ({}, {}, {"noise": 0.5})]
    assert keys[0] == keys[1] != keys[2]
    with pytest.raises(InputError):
        loop_job.job("nobody", LoopConfig())


@pytest.mark.browser
def test_the_section_takes_a_film_by_keys_and_deletes_it(address, film, tmp_path):
    (tmp_path / "mine.mp4").write_bytes(film)
    (tmp_path / "text.mp4").write_bytes(b"hello")
    with open_tab() as tab:
        tab.set_viewport_size({"width": 390, "height": 844})
        tab.goto(f"{address}/?tab=brain")
        tab.wait_for_selector("#brain-loop", state="attached")
        tab.evaluate("document.getElementById('brain-loop').scrollIntoView()")
        tab.wait_for_selector(".cl-pick")
        assert tab.is_disabled("#cl-file")
        tab.focus("#cl-consent")
        tab.keyboard.press("Space")
        tab.set_input_files("#cl-file", tmp_path / "mine.mp4")
        tab.wait_for_selector(".cl-pick >> nth=3")
        assert "mine.mp4 (4 s, yours)" in tab.inner_text(".cl-pick >> nth=3")
        assert tab.get_attribute("[data-cell=loop-truth]", "data-src").endswith("shown.mp4")
        tab.focus("#cl-noise")
        tab.keyboard.press("ArrowLeft")
        assert tab.get_attribute("#cl-noise", "aria-valuetext") == "0.75 × that of the simulated subject"
        tab.focus(".cl-drop")
        tab.keyboard.press("Enter")
        tab.wait_for_function("document.querySelectorAll('.cl-pick').length === 3")
        assert "deleted" in tab.inner_text("#cl-said")
        tab.set_input_files("#cl-file", tmp_path / "mine.mp4")
        tab.wait_for_selector(".cl-pick >> nth=3")
        tab.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")  # it may return
        assert tab.locator(".cl-pick").count() == 3
        with tab.expect_response("**/loop/forget/*"):  # taken back while it is sent
            tab.set_input_files("#cl-file", tmp_path / "mine.mp4")
            tab.uncheck("#cl-consent")
        assert tab.locator(".cl-pick").count() == 3 and tab.is_disabled("#cl-file")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        tab.fill("#cl-shows", "unicorn")
        tab.click(".cl-go")
        tab.wait_for_function("document.getElementById('cl-said').textContent.startsWith('failed')")
        assert "expected a class or a scene" in tab.inner_text("#cl-said")
