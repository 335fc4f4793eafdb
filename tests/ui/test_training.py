"""The Train tab: real processes on random data, who may start and stop them, and what pages see of them."""

import json
import os
import socket
import sys
import time
import urllib.request
from collections import Counter
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from neuroclips.data.simulated import STANDARD
from neuroclips.data.training import open_training
from neuroclips.errors import InputError
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.clean import PreprocessConfig
from neuroclips.reconstructors import weights
from neuroclips.train.engine.hold import held
from neuroclips.train.stages import recipe_of, stage_named
from neuroclips.train.targets.encoders import weights_key
from neuroclips.ui import (
    own_weights,
    permission,
    routes,
    run_files,
    run_pictures,
    run_record,
    runs,
    training,
    training_choices,
    watching,
)
from neuroclips.ui.offered import OFFERED, card, presets
from neuroclips.ui.run_record import Choices, Record, runs_folder, shown_command
from neuroclips.ui.runs import TrainingRun
from neuroclips.zoo import zoo_named
from tests.ui.chromium import open_tab

MINE, OTHER = "a random word", "another"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache in which subject 1, its tokens and its captions are there, all random: training begins in seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROCLIPS_CACHE", str(tmp_path_factory.mktemp("cache")))
        for name in ("SPACE_ID", permission.ALLOW):
            patch.delenv(name, raising=False)
        rng = np.random.default_rng(0)
        fmri, home = rng.standard_normal((18 * 240, 2, 40)).astype(np.float32), cache_dir("simulated", "subject1")
        np.save(home / "train_fmri.npy", fmri)
        np.save(home / "test_fmri.npy", fmri[:1200].repeat(5, 1))
        np.save(home / "vertex_index.npy", np.arange(40))
        tested = {"n_tested": 40, "n_passed": 40, "missing_runs": [], **vars(PreprocessConfig())}
        meta = {**STANDARD, **tested, "subject": "subject1", "n_voxels": 40, "tr": 2.0}
        (home / "meta.json").write_text(json.dumps(meta))
        data, key = open_training("simulated"), weights_key(zoo_named().part("clip"))
        for what, shape in (("tokens", (4320, 6, 16, 128)), ("texts", (4320, 6, 96))):
            path = cache_dir("targets") / f"{data.name}_{data.key}_{what}_{key}.npy"
            kept = np.lib.format.open_memmap(path, "w+", np.float16, shape)
            kept[:] = rng.standard_normal((len(kept), *(1 for _ in shape[1:-1]), shape[-1]))
        yield


@pytest.fixture
def run(cache):
    run = TrainingRun()
    yield run
    run.end()


def wait(run, until, seconds=400):
    for _ in range(4 * seconds):
        if until():
            return
        assert run.state != "failed", run.output()[-500:]
        time.sleep(0.25)
    pytest.fail(f"{run.state}: {run.output()[-500:]}")


def steps_of(run):
    return [line["step"] for line in run.log() if "loss" in line]


class Story:
    """One run from start to end, and what was seen of it: stopped after some steps, gone on with by another server."""

    def __init__(self):
        run = TrainingRun()
        run.start(Choices("semantic", 1, 30, 1e-3), MINE)
        try:
            self.first, self.others = watching.told(run, MINE), [watching.told(run, OTHER), watching.told(run)]
            self.refused = [refusal(run.start, Choices("perception", 1, 30, 1e-3), OTHER), refusal(run.stop, OTHER)]
            wait(run, lambda: len(steps_of(run)) >= 3)
            self.training, self.was_running = watching.told(run, OTHER), run.running
            run.stop(MINE)
        finally:
            run.end()
        self.stopped, self.n_stopped = watching.told(run), len(steps_of(run))
        self.refused.append(refusal(run.resume, OTHER))
        self.run = TrainingRun()  # the server was started again
        self.found = watching.told(self.run, MINE)
        self.run.resume(MINE)
        wait(self.run, lambda: not self.run.running)
        self.run.end()
        self.name = self.run.record.name


def refusal(function, *arguments):
    with pytest.raises(InputError) as refused:
        function(*arguments)
    return str(refused.value)


@pytest.fixture(scope="module")
def story(cache):
    return Story()


def test_a_run_is_started_and_watched_from_the_first_second(story):
    first, training = story.first, story.training
    assert first["state"] == "preparing" and first["mine"] and first["eta"] > 5  # an estimate
    kept = {phase["title"]: phase["state"] for phase in first["phases"]}
    assert kept["Scanning it"] == "kept" and kept["Encoding films to CLIP tokens"] == "kept"
    assert kept["Training"] == "later"
    assert training["state"] == "training" and "<polyline" in training["loss"] and story.was_running


def test_a_run_is_its_owners_alone(story):
    assert not any(told["mine"] for told in story.others)
    busy, not_stopped, not_resumed = story.refused
    assert "still running: one run at a time" in busy
    assert "another visitor" in not_stopped and "another visitor" in not_resumed


def test_a_stopped_run_goes_on_on_another_server_and_is_done(story):
    assert story.stopped["state"] == "stopped" and story.stopped["line"].startswith("Stopped: ")
    assert story.found["state"] == "stopped" and story.found["mine"] and 3 <= story.n_stopped < 30
    told = watching.told(story.run, MINE)
    assert told["state"] == "done" and steps_of(story.run) == list(range(30)), story.run.output()
    assert told["weights"] == story.name and "chance" in told["score"] and "shipped weights" in told["score"]
    assert not list(story.run.record.folder.glob("*.pt"))


def test_samples_are_of_validation_films(story):
    """Of the last two of the training films."""
    shown = watching.told(story.run)["samples"]
    assert shown["kind"] == "ranks" and shown["n"] == 480 and shown["chance"]["retrieval"] == 1 / 480
    clips = {c for sample in shown["samples"] for c in (sample["clip"], *sample["nearest clips"])}
    assert clips <= set(range(16 * 240, 18 * 240))
    assert all(sample["truth"].startswith(f"/_nc/training/samples/{story.name}/") for sample in shown["samples"])


def test_finished_weights_are_offered_by_name_for_their_subject(story, tmp_path):
    (about,) = own_weights.listed()
    assert about["name"] == story.name and about["subject"] == 1 and "30 steps" in about["title"]
    assert weights.load(own_weights.folder_of(story.name, 1) / "subject1" / "semantic").n_voxels == 40
    for wrong in (str(tmp_path), "../" + story.name, None, "", ["x"]):
        with pytest.raises(InputError, match=f"got weights .*, expected one of: {story.name}"):
            own_weights.folder_of(wrong, 1)
    said = f"got subject 2 with weights {story.name}, expected subject 1, whose they are"
    with pytest.raises(InputError, match=f"^{said}$"):
        own_weights.folder_of(story.name, 2)


def test_a_second_server_of_this_user_waits(run):
    with held(runs_folder()), pytest.raises(InputError, match=rf"in which process {os.getpid()} on .* trains"):
        run.start(Choices("semantic", 1, 30, 1e-3), MINE)


def test_a_run_that_fails_says_why(run, monkeypatch):
    monkeypatch.setattr(Record, "command", lambda self, resume: [*COMMAND, "--stage", "semantic", "--steps", "0"])
    run.start(Choices("semantic", 1, 30, 1e-3), MINE)
    run._watcher.join(60)
    assert run.state == "failed" and "add --subject 1" in watching.told(run)["line"]


COMMAND = [sys.executable, "-m", "neuroclips", "train"]


@pytest.mark.parametrize("name", OFFERED)
def test_only_options_that_the_stage_takes_are_passed(cache, name):
    spec, about = stage_named(OFFERED[name].stage), card(name, 1)
    steps = presets(name, 1).get("as shipped")
    record = Record.new(Choices(name, 1, steps, about.get("learning_rate")), MINE)
    given = {word[2:].replace("-", "_") for word in record.command(False) if word.startswith("--")}
    assert given - {"stage", "run_dir", "out", "no_resume"} <= {*spec.options}
    if about:
        recipe = recipe_of(spec.preset("demo"))
        assert (steps, about["learning_rate"]) == (recipe.steps, recipe.learning_rate)
    assert str(record.weights) in str(record.out) and "checkpoints" not in str(record.out)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (("nonsense", 1, "simulated", "", 100, 1e-3), "got stage 'nonsense', expected one of: perception"),
        (("semantic", 7, "simulated", "", 100, 1e-3), "got subject 7, expected one of 1, 2, 3"),
        (("semantic", 1, "simulated", "", 1.5, 1e-3), "got steps 1.5, expected"),
        (("semantic", 1, "simulated", "", 10**9, 1e-3), "got steps 1000000000, expected"),
        (("semantic", 1, "simulated", "", 100, 5), "got learning rate 5, expected"),
        (("semantic", 1, "cc2017", "", 100, 1e-3), "got dataset 'cc2017', expected one of"),
        (("semantic", 1, training_choices.FOLDER, "", 100, 1e-3), "got no folder, expected"),
        (("semantic", 1, training_choices.FOLDER, "/nowhere", 100, 1e-3), "got '/nowhere', expected a folder that"),
    ],
)
def test_choices_that_cannot_be_are_told_in_one_line(cache, sent, said):
    with pytest.raises(InputError, match=said):
        training_choices.choices(*sent)
    assert training_choices.say(*sent).startswith("⚠ ")


def test_a_preprocessed_folder_is_trained_on_where_nobody_else_comes(cache, monkeypatch):
    folder = str(cache_dir("simulated"))
    chosen = training_choices.choices("linear", 1, training_choices.FOLDER, folder, 100, 1e-3)
    assert chosen.subjects() == [1] and shown_command(chosen.words()).endswith(
        f"--dataset preprocessed --source {folder}"
    )
    monkeypatch.setenv("SPACE_ID", "someone/neuroclips")
    with pytest.raises(InputError, match="folders are those of this server"):
        training_choices.choices("linear", 1, training_choices.FOLDER, folder, 100, 1e-3)
    monkeypatch.setenv("SPACE_AUTHOR_NAME", "someone")
    sent, owner = ["linear", 1, training_choices.FOLDER, folder, 100, 1e-3], SimpleNamespace(username="someone")
    assert training._say(*sent).startswith("⚠ folders are those") and training._say(*sent, owner).startswith("About ")


@pytest.fixture(scope="module")
def address(cache):
    """The tab alone, served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        run = TrainingRun()
        for module in (training, watching):
            patch.setattr(module, "the_run", lambda: run)
        with gr.Blocks() as demo:
            training.build(demo)
        served = {"routes": routes.routes()}
        demo.queue().launch(server_port=port, prevent_thread_lock=True, quiet=True, app_kwargs=served, ssr_mode=False)
        yield f"http://127.0.0.1:{port}"
        run.end()
        demo.close()


def post(address, demo_function, data):
    """What a raw POST to the queue gets: the last message of its stream."""
    config = json.loads(urllib.request.urlopen(f"{address}/config").read())
    (number,) = {d["id"] for d in config["dependencies"] if d["api_name"] == demo_function}
    body = json.dumps({"fn_index": number, "session_hash": "raw", "data": data}).encode()
    head = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{address}/gradio_api/queue/join", body, head)).read()
    for line in urllib.request.urlopen(f"{address}/gradio_api/queue/data?session_hash=raw"):
        if b"process_completed" in line:
            return json.loads(line.removeprefix(b"data: "))
    return None


@pytest.mark.parametrize("name", ["start", "stop", "resume"])
def test_a_raw_post_is_refused_on_a_space(address, monkeypatch, name):
    monkeypatch.setenv("SPACE_ID", "someone/neuroclips")
    monkeypatch.setattr(runs.subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    sent = ["semantic", 1, "simulated", "", 100, 1e-3] if name == "start" else []
    told = post(address, f"train_{name}", [*sent, MINE])
    assert not told["success"] and "Training is off where the public comes" in told["output"]["error"]


def test_samples_are_served_by_name_and_nothing_else(story, address):
    folder = story.run.record.folder / "samples"
    name, url = next(folder.glob("*.webp")).name, f"{address}/_nc/training/samples/"
    assert urllib.request.urlopen(f"{url}{folder.parent.name}/{name}").headers["content-type"] == "image/webp"
    for wrong in (f"{folder.parent.name}/samples.json", f"{folder.parent.name}/..%2Frun.json", f"..%2F/{name}"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url + wrong)


@pytest.mark.browser
def test_start_see_the_loss_reload_and_stop(address):
    with open_tab() as tab:
        tab.goto(address)
        tab.wait_for_selector("#train-start", timeout=30_000)
        tab.click("#train-stage input")
        tab.click("[role=option]:has-text('Semantics: what')")
        tab.wait_for_selector("#train-preset:has-text('900')")
        tab.click("#train-preset label:has-text('as shipped')")
        tab.click("#train-start")
        tab.wait_for_selector("#train-live .tr-left:has-text('left')", timeout=10_000)
        tab.wait_for_selector("#train-live .tr-curves svg", timeout=90_000)
        tab.reload()
        tab.wait_for_selector("#train-live .tr-owner:has-text('You started this run')", timeout=20_000)
        with open_tab_beside(tab) as other:
            other.goto(address)
            other.wait_for_selector("#train-live .tr-owner:has-text('Another visitor')", timeout=20_000)
            assert not other.is_visible("#train-stop")
        tab.click("#train-stop")
        tab.wait_for_selector("#train-live .tr-state:has-text('Stopped')", timeout=20_000)
        assert tab.is_visible("#train-resume") and tab.is_visible("#train-start")


def open_tab_beside(tab):
    """A page of another visitor in the same browser."""
    return tab.context.browser.new_context().new_page()


@pytest.mark.parametrize("output", [None, b"", b"42%|\xe2\x96\x88\xe2\x96", b"one\rtwo \xff\xfe", b"\n\n"])
def test_what_a_run_printed_may_be_cut_anywhere(tmp_path, monkeypatch, output):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    record = Record.new(Choices("semantic", 1, 30, 1e-3), MINE).ended("failed")
    (record.folder / "log.jsonl").write_text('{"step": 0, "loss": 1.5}\n{"st')
    if output is not None:
        (record.folder / "output.txt").write_bytes(output)
    told = watching.told(TrainingRun())
    assert told["line"].startswith("Failed: ") and 'aria-label="Loss of 1 steps' in told["loss"]


def test_what_did_not_change_is_read_and_drawn_once_for_all_pages(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    record, n = Record.new(Choices("semantic", 1, 30, 1e-3), runs.owner_of(MINE)).ended("stopped"), Counter()
    log = record.folder / "log.jsonl"
    log.write_text('{"step": 0, "loss": 1.5}\n')
    for module, name in ((run_files, "read_log"), (run_pictures.curves, "loss_svg"), (run_record, "read_json")):
        monkeypatch.setattr(module, name, counting(getattr(module, name), n))
    run = TrainingRun()
    told = [watching.told(run, token) for token in ("", MINE, OTHER)]
    assert n["read_log"] == n["loss_svg"] == 1 and [page["mine"] for page in told] == [False, True, False]
    with log.open("a") as more:
        more.write('{"step": 1, "loss": 1.4}\n')
    assert 'aria-label="Loss of 2 steps' in watching.told(run)["loss"] and n["read_log"] == n["loss_svg"] == 2
    n.clear()
    own_weights.listed()
    assert n["read_json"] == 1


def counting(function, n):
    def counted(*arguments):
        n[function.__name__] += 1
        return function(*arguments)

    return counted
