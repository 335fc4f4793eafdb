"""The Explore and Ablate tabs in a real browser: never a false picture, at once, whatever the network does."""

import re
from contextlib import contextmanager

import pytest

from neuroclips import precomputed
from tests.ui.chromium import open_tab

pytestmark = pytest.mark.browser
SETTLED = "() => [...document.querySelectorAll('#player video')].every(v => v.readyState > 1 && !v.paused)"
LATE = 150  # [ms] that every request takes


@contextmanager
def opened(address, query="", late=0, wide=1366, high=768):
    with open_tab() as tab:
        tab.set_viewport_size({"width": wide, "height": high})
        if late:
            network = tab.context.new_cdp_session(tab)
            network.send("Network.enable")
            rates = {"latency": late, "downloadThroughput": 2_000_000, "uploadThroughput": 1_000_000, "offline": False}
            network.send("Network.emulateNetworkConditions", rates)
        tab.goto(f"{address}/?{query}")
        tab.wait_for_selector("#player video", state="attached", timeout=60_000)
        yield tab


def asks(tab):
    """What each cell asks the server for; a film from memory tells its address beside it."""
    return tab.evaluate("() => Object.fromEntries([...document.querySelectorAll('[data-cell]')]"
                        ".map(cell => [cell.dataset.cell, (cell.dataset.src || '').split('?')[0]]))")  # fmt: skip


def expect_clip(tab, clip):
    """Field, label, address and every stored cell are of this clip."""
    assert tab.input_value("#clip") == str(clip) and f"clip={clip}" in tab.url
    assert tab.inner_text("#status").startswith(f"Clip {clip}, ")
    shown = asks(tab)
    assert shown["truth"].endswith(f"/truth/{clip}.mp4")
    assert all(f"/{clip}/" in shown[cell] for cell in ("blurry", "keyframe", "video") if shown[cell])


@pytest.mark.parametrize("late", [0, LATE])
def test_what_is_typed_and_chosen_quickly_is_what_is_shown(address, late):
    with opened(address, late=late) as tab:
        for clip in ("12", "47", "205"):
            tab.fill("#clip", "")
            tab.type("#clip", clip, delay=60)
            expect_clip(tab, int(clip))
        for _ in range(3):
            tab.press("#clip", "ArrowUp")
        expect_clip(tab, 208)
        for place in (3, 9, 6):
            tab.click(f"#gallery > * >> nth={place}")
        chosen = int(tab.get_attribute("#gallery [aria-selected=true]", "data-clip"))
        expect_clip(tab, chosen)
        tab.wait_for_function(SETTLED, timeout=20_000)
        tab.wait_for_timeout(3 * late + 100)
        expect_clip(tab, chosen)


@pytest.mark.parametrize("late", [0, LATE])
def test_a_run_never_shows_under_another_clip(address, late):
    with opened(address, "clip=20", late) as tab:
        for clip in (21, 22, 23):
            tab.click("#go")
            tab.wait_for_timeout(250)
            tab.fill("#clip", str(clip))
            tab.wait_for_timeout(900)
            expect_clip(tab, clip)
            assert "precomputed" in tab.inner_text("#status") and "precomputed" in tab.inner_text(".nc-timeline")
            assert "computed now" not in tab.inner_text("#player")


@pytest.mark.parametrize("late", [0, LATE])
def test_a_new_run_begins_right_after_cancel_which_leaves_what_is_finished(address, late):
    with opened(address, f"clip={30 + bool(late)}&video_steps=50", late) as tab:
        for _ in range(2):
            tab.click("#go")
            tab.wait_for_selector("#status:has-text('computing now')", timeout=60_000)
            tab.click("#cancel")
            tab.wait_for_selector("#status:has-text('cancelled')")
        tab.evaluate("document.querySelector('.nc-more').open = true")
        tab.fill("#video_steps", "4")
        tab.click("#go")
        tab.wait_for_selector("#status:has-text('computed now')", timeout=120_000)
        film = asks(tab)["video"]
        assert tab.is_disabled("#cancel") and "/_nc/runs/" in film
        tab.wait_for_timeout(2 * late + 100)
        assert asks(tab)["video"] == film


def test_a_number_that_makes_no_sense_is_said_beside_the_field_and_changes_nothing(address):
    with opened(address, "clip=5") as tab:
        tab.click("summary:has-text('Seed')")
        wrong = {"seed": ("12345678901234567890", "1.5", "-5", "x", ""), "clip": ("300", "1e9", "-1", "1.5", "")}
        before = asks(tab)
        for name, values in wrong.items():
            for value in values:
                tab.fill(f"#{name}", value)
                said = tab.inner_text(f"#{name}-wrong")
                assert ("nothing" if not value else value) in said and "expected a whole number" in said
                assert asks(tab) == before and "precomputed" in tab.inner_text("#status")
            tab.fill(f"#{name}", "7")
            assert not tab.inner_text(f"#{name}-wrong")
            tab.fill(f"#{name}", "0" if name == "seed" else "5")


def test_a_switch_changes_a_stored_film_at_once_and_from_memory(address):
    """It takes 20 to 60 ms on two idle cores; here others may be busy."""
    hero = precomputed.marks(1)["best"]
    with opened(address, f"clip={hero}") as tab:
        tab.wait_for_timeout(2500)  # other combinations are fetched meanwhile
        took = tab.evaluate("""async () => {
          const took = [];
          for (const name of ['alpha', 'alpha', 'gamma', 'beta', 'beta', 'alpha']) {
            const began = performance.now();
            document.getElementById(name).click();
            await new Promise(shown => {
              const video = document.querySelector('[data-cell=video] video');
              video.requestVideoFrameCallback(shown);
            });
            took.push(performance.now() - began);
          }
          return took;
        }""")
        assert sorted(took)[len(took) // 2] < 400, took
        assert tab.get_attribute("[data-cell=video] video", "src").startswith("blob:")
        assert "precomputed" in tab.inner_text("#status")
        assert "guidance=b" in tab.url and asks(tab)["video"].endswith("/b.mp4")


def test_what_the_method_does_not_allow_is_shown_as_such(address):
    with opened(address, f"clip={precomputed.marks(1)['best']}") as tab:
        tab.click(".nc-switch:has(#beta)")
        assert tab.is_disabled("#gamma") and "γ needs β" in tab.inner_text(".nc-switches")
        tab.click(".nc-switch:has(#alpha)")
        assert "no brain signal in this film" in tab.inner_text("[data-cell=video]")
        tab.click(".nc-switch:has(#beta)")
        assert "begins the keyframe" in tab.inner_text(".nc-switches")
        kept = asks(tab)["keyframe"]
        tab.click("#keep_keyframe")
        tab.wait_for_selector("#status:has-text('computed now')", timeout=120_000)
        assert asks(tab)["keyframe"] != kept and "--keep-keyframe" in command(tab)


def test_words_of_ones_own_are_shown_as_such_and_never_as_decoded(address):
    typed = "a purple Cat <img src=x onerror=hacked=1>"
    with opened(address, "clip=5") as tab:
        tab.fill("#prompt", typed)
        struck = tab.locator("#prompt-said s").all_inner_texts()
        assert struck == ["purple", "<img", "src=x", "onerror=hacked=1>"] and "Not read" in tab.inner_text(".nc-said")
        tab.press("#prompt", "Enter")
        tab.wait_for_selector("#status:has-text('computed now')", timeout=120_000)
        card, film = tab.inner_text("[data-cell=caption]"), tab.inner_text("[data-cell=video]")
        assert typed.lower() in card and "Your words" in card and "typed by you, not decoded" in card
        assert "not decoded" in film and "fMRI and your words" in film and not tab.is_visible(".nc-said")
        assert tab.locator("[data-cell=caption] s").count() == 4 and not tab.locator("#explore img[src=x]").count()
        assert not tab.evaluate("() => window.hacked") and "--prompt 'a purple cat <img" in command(tab)
        tab.fill("#prompt", "a cat")
        tab.press("#prompt", "Enter")
        tab.wait_for_selector("[data-cell=keyframe]:has-text('kept from before')", timeout=60_000)
        tab.click(".nc-switch:has(#beta)")  # words need no keyframe
        tab.wait_for_selector("#status:has-text('computed now')", timeout=60_000)
        assert tab.is_checked("#gamma") and tab.is_disabled("#captioner") and "guidance=ag" in tab.url
        tab.reload()
        tab.wait_for_selector("#player video", state="attached")
        assert tab.input_value("#prompt") == "a cat" and tab.is_checked("#gamma") and not tab.is_checked("#beta")
        tab.click(".nc-switch:has(#beta)")
        tab.click("#clear-prompt")
        assert "prompt=" not in tab.url and "precomputed" in tab.inner_text("#status")
        assert "Caption γ" in tab.inner_text("[data-cell=caption]") and not tab.is_visible("#clear-prompt")


def test_start_and_strength_are_there_by_their_names_and_none_is_dead(address):
    with opened(address, "clip=6") as tab:
        tab.click("summary:has-text('Seed')")
        named = {"video_start": "--start", "keyframe_start": "--strength", "video_steps": "--video-steps"}
        for field, name in named.items():
            assert name in tab.inner_text(f".nc-numbers label:has(#{field})")
        assert "strength" in tab.inner_text(".nc-numbers label:has(#keyframe_start) span")
        assert "--alpha-mode" in tab.inner_text("#alpha-modes") and not tab.locator("#alpha_mode").count()
        tab.fill("#video_start", "1")
        tab.fill("#keyframe_start", "0.5")
        tab.click("#go")
        tab.wait_for_selector("#status:has-text('computed now')", timeout=120_000)
        assert "--strength 0.5 --start 1.0" in command(tab)
        assert tab.is_disabled("#negative_prompt")  # has an effect only with guidance
        tab.fill("#video_guidance", "2")
        assert not tab.is_disabled("#negative_prompt")
        tab.click(".nc-switch:has(#alpha)")
        assert tab.is_disabled("#video_start") and tab.is_disabled("#keyframe_start") and tab.is_disabled("#theta")


def command(tab):
    tab.click(".nc-command summary")
    tab.wait_for_function("() => document.querySelector('#command').textContent.length > 10")
    return tab.inner_text("#command")


def test_a_link_brings_everything_back_and_back_goes_back(address):
    with opened(address, "subject=2&clip=44&guidance=ab&seed=3&video_steps=5&map=semantic") as tab:
        tab.wait_for_selector("#flat[data-drawn^='Semantics Reconstructor, subject 2']", state="attached")
        assert tab.is_checked("#alpha") and tab.is_checked("#beta") and not tab.is_checked("#gamma")
        assert tab.input_value("#seed") == "3" and tab.input_value("#video_steps") == "5"
        assert "Clip 44, subject 2" in tab.inner_text("#status")
        line = command(tab)
        assert "--subject 2 --clip 44 --no-gamma --seed 3 --video-steps 5" in line
        tab.fill("#clip", "45")
        tab.click("#tab-ablate-button")
        assert "tab=ablate" in tab.url and "clip=45" in tab.url
        tab.go_back()
        assert "tab=ablate" not in tab.url and "clip=45" in tab.url
        tab.wait_for_selector("#player video", state="visible")
        tab.go_back()
        assert tab.input_value("#clip") == "44" and "Clip 44" in tab.inner_text("#status")


def test_films_play_as_one_and_start_by_a_click_where_a_browser_refuses(address):
    with opened(address) as tab:
        tab.wait_for_function(SETTLED, timeout=20_000)
        tab.wait_for_timeout(1000)
        spread = tab.evaluate("""async () => { const all = []; for (let i = 0; i < 20; i++) {
          const t = [...document.querySelectorAll('#player video, .nc-stages video')].map(v => v.currentTime);
          all.push(Math.max(...t) - Math.min(...t)); await new Promise(r => setTimeout(r, 37)); } return all }""")
        assert sorted(spread)[10] < 0.03, spread
        tab.click(".nc-explore .nc-play")
        assert tab.get_attribute(".nc-explore .nc-play", "aria-label") == "Play"
        tab.evaluate("""() => { window.allowed = HTMLMediaElement.prototype.play;
          HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }""")
        tab.click(".nc-explore .nc-play")
        tab.wait_for_selector(".nc-explore .nc-play[aria-label=Play]")
        tab.evaluate("() => { HTMLMediaElement.prototype.play = window.allowed }")
        tab.click(".nc-explore .nc-play")
        tab.wait_for_function(SETTLED, timeout=5_000)


def test_the_gallery_is_one_tab_stop_that_follows_filters_and_arrows(address):
    with opened(address, "clip=100") as tab:
        assert tab.locator("#gallery [tabindex='0']").count() == 1
        tab.focus("#gallery [tabindex='0']")
        tab.keyboard.press("ArrowRight")
        chosen = int(tab.get_attribute("#gallery [aria-selected=true]", "data-clip"))
        assert chosen > 100
        expect_clip(tab, chosen)
        tab.select_option("select[aria-label=Scene]", "room")
        tab.select_option("select[aria-label=Order]", "score")
        first, n = tab.get_attribute("#gallery > * >> nth=0", "aria-label"), tab.locator("#gallery > *").count()
        assert 3 < n < 60 and "room" in first and int(re.match(r"\d+", first)[0]) in precomputed.ranked(1)
        shown = tab.evaluate("() => [...document.querySelectorAll('#gallery > *')].map(t => [t.dataset.clip, "
                             "t.firstChild.textContent, t.getAttribute('aria-label').split(/[,:]/)[0]])")  # fmt: skip
        assert all(len(set(names)) == 1 for names in shown)
        tab.uncheck("text=fold look-alikes")
        assert tab.locator("#gallery > *").count() > n


def test_the_first_screen_fits_and_says_what_it_is(address):
    best = precomputed.marks(1)["best"]
    with opened(address) as tab:
        assert tab.input_value("#clip") == str(best) and asks(tab)["truth"].endswith(f"/truth/{best}.mp4")
        assert "best clip, chosen by score" in tab.inner_text("#status") and "precomputed" in tab.inner_text("#status")
        assert "Simulated data, demo models" in tab.inner_text("header")
        tab.wait_for_selector("#flat[data-drawn*='shifted by the 4 s delay']")
        for selector in (
            "[data-cell=truth]",
            "[data-cell=video]",
            "[data-cell=keyframe]",
            "#flat canvas",
            "#go",
            "#scores",
        ):
            box = tab.locator(selector).first.bounding_box()
            assert box["y"] + box["height"] <= 768 and box["x"] + box["width"] <= 1366, (selector, box)
        weight = tab.evaluate("() => performance.getEntriesByType('resource').filter(r => !/\\.mp4/.test(r.name))"
                              ".reduce((sum, r) => sum + r.transferSize, 0)")  # fmt: skip
        assert weight < 2_000_000, weight
    with opened(address, wide=390, high=844) as tab:
        boxes = [tab.locator(f"[data-cell={cell}] video").bounding_box() for cell in ("truth", "video")]
        assert all(box["y"] + box["height"] < 844 and box["x"] + box["width"] <= 390 for box in boxes)
        assert tab.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_the_ablation_grid_compares_every_combination(address):
    hero = precomputed.marks(2)["median"]
    with opened(address, f"subject=2&clip={hero}&tab=ablate") as tab:
        tab.wait_for_selector(".nc-ablate video", timeout=20_000)
        films = asks(tab)
        assert all(films[kind].endswith(f"/2/{hero}/{kind}.mp4") for kind in ("abg", "ab", "bg", "b", "a", "none"))
        assert "no brain signal in this film" in tab.inner_text("[data-cell=none]")
        assert not tab.is_visible("#ablate-go") and "–" not in tab.inner_text(
            ".nc-table2"
        )  # GIT's words are stored, too
        full = precomputed.load(2, hero)["scores"]["video"]["ssim"]
        assert f"{full:.2f}" in tab.inner_text(".nc-table2 tr:has-text('full model')")
        presets = tab.evaluate("() => [...document.querySelectorAll('.nc-table2 tbody th[title]')].map(t => t.title)")
        assert presets == [f"--preset {name}" for name in ("no-keyframe", "no-blurry", "git", "full")]
        tab.click("[data-cell=bg] .nc-ab button >> nth=1")
        assert asks(tab)["wipe-b"] == films["bg"] and asks(tab)["wipe-a"] == films["abg"]
        tab.click("[data-cell=bg] .nc-ab button >> nth=2")
        tab.wait_for_selector("#player video", state="visible")
        assert asks(tab)["video"] == films["bg"] and not tab.is_checked("#alpha")


def test_missing_combinations_are_computed_one_after_the_other_until_one_says_stop(address):
    clip = next(clip for clip in range(300) if clip not in precomputed.heroes(1))
    with opened(address, f"clip={clip}&tab=ablate") as tab:
        assert tab.inner_text("#ablate-go") == "Compute the 6 missing"
        tab.click("#ablate-go")
        tab.wait_for_selector("[data-cell=ab] video", timeout=60_000)
        assert "/_nc/runs/" in asks(tab)["ab"] and "computed now" in tab.inner_text("[data-cell=ab]")
        tab.click("#ablate-go")
        tab.wait_for_function(
            "() => /^Compute the [1-5] missing$/.test(document.querySelector('#ablate-go').innerText)"
        )


@pytest.mark.parametrize("query", ["subject=9", "clip=999", "clip=x&subject=", "tab=)", "guidance=xyz&theta=x&map=zz"])
def test_an_address_that_makes_no_sense_opens_what_there_is(address, query):
    with opened(address, query) as tab:
        tab.fill("#clip", "7")
        tab.go_back()
        tab.fill("#clip", "8")
        expect_clip(tab, 8)
