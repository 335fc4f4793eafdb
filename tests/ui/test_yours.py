"""A visitor's own fMRI: refused in one line or decoded, held in memory alone, and gone when they are."""

import io
import re
import threading
import time
import warnings
from pathlib import Path

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio.data_classes import FileData
from starlette.middleware import Middleware

from neuroclips.errors import InputError
from neuroclips.ui import about, own_events, own_file, own_models, own_page, own_run, own_text, uploads, yours
from neuroclips.ui.permission import ALLOW
from neuroclips.ui.upload_guard import UploadGuard
from neuroclips.ui.uploads import Visit, Visits
from tests.data.builders import run_and_mask
from tests.ui.chromium import open_tab

SAMPLES = np.random.default_rng(0).standard_normal((60, 50)).astype(np.float32)
CLIPS = np.stack([np.ones(60, int), np.arange(60)], 1)
NAN = np.where(np.eye(60, 50) > 0, np.nan, SAMPLES)


def packed(**arrays):
    buffer = io.BytesIO()
    (np.savez(buffer, **arrays) if "array" not in arrays else np.save(buffer, arrays["array"], allow_pickle=True))
    return buffer.getvalue()


HOSTILE = {
    "text": ({"fmri": ("mine.npy", b"hello")}, r"^mine\.npy: got a file that does not read"),
    "html": ({"fmri": ("<b>.npy", b"\x93NUMPY")}, r"^<b>\.npy: got a file that does not read"),
    "nan": ({"fmri": ("mine.npy", packed(array=NAN))}, r"^mine\.npy: got 50 of 3,000 values that are NaN"),
    "pickle": ({"fmri": ("mine.npy", packed(array=np.array([print], object)))}, "expected an array of numbers"),
    "table": ({"fmri": ("mine.csv", b"1,2")}, "got mine.csv, expected one of"),
    "up": ({"fmri": ("../../mine.npy", b"x")}, r"^mine\.npy: got"),
    "no mask": ({"fmri": ("run.nii", b"x" * 400)}, r"^run\.nii: got a NIfTI file without a mask"),
    "no index": ({"fmri": ("run.dtseries.nii", b"x")}, "got a CIFTI file without a vertex index"),
    "other index": (
        {"fmri": ("mine.npy", packed(array=SAMPLES)), "index": ("i.npy", packed(array=np.arange(7)))},
        r"^i\.npy: got a vertex index of shape \(7,\), expected \(50,\)",
    ),
    "bomb": ({"fmri": ("bomb.npz", b"")}, "once unpacked, expected at most 4 MB"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_make_no_sense_are_told_in_one_line_without_our_folders(monkeypatch, name):
    files, complaint = HOSTILE[name]
    if name == "bomb":
        monkeypatch.setattr(uploads, "OWN", 10**6)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, fmri=np.zeros((1000, 5000), np.float32))
        files = {"fmri": ("bomb.npz", buffer.getvalue())}
    with pytest.raises(InputError, match=complaint) as caught:
        own_file.read(files)
    assert "\n" not in str(caught.value) and "neuroclips-" not in str(caught.value)


def test_a_run_with_its_mask_and_warnings_are_read(tmp_path):
    run, mask = run_and_mask(tmp_path)
    own = own_file.read({"fmri": (run.name, run.read_bytes()), "mask": (mask.name, mask.read_bytes())})
    assert own.n_samples > 7 and own.given is None and "no flat map" in own_file.summary(own)["Vertex index"]
    far = own_file.read({"fmri": ("mine.npy", packed(array=100 + SAMPLES))})
    assert far.notes[0].startswith("mine.npy: got samples of mean 99.97")


def test_a_voxel_count_that_no_decoder_reads_is_said(data):
    assert "No shipped decoder reads 50 voxels" in own_file.fitting(own_file.read({"fmri": ("a.npz", known(50))}))[1]
    right = {s: own_file.fitting(own_file.read({"fmri": ("a.npz", known(n))})) for s, n in data.info.n_voxels.items()}
    assert all(found == [s] and "does not say" in text for s, (found, text) in right.items())
    other = packed(fmri=SAMPLES[:, :1].repeat(3286, 1), vertex_index=np.arange(3286))
    assert "but other ones" in own_file.fitting(own_file.read({"fmri": ("a.npz", other)}))[1]


def known(n_voxels):
    return packed(fmri=np.resize(SAMPLES, (60, n_voxels)))


@pytest.fixture
def uploaded(tmp_path, monkeypatch):
    """Puts a file where gradio keeps uploads, and gives what an event would get."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    monkeypatch.setattr(own_page, "VISITS", Visits())

    def put(data, name="mine.npy"):
        path = tmp_path / "uploads" / "hash" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return FileData(path=str(path))

    put.left = lambda: [p for p in (tmp_path / "uploads").rglob("*") if p.is_file()]
    return put


VISITOR = gr.Request(session_hash="visitor")


def test_an_upload_is_read_into_memory_and_leaves_the_disk(uploaded):
    _, said, summary, *_ = own_events.take("fmri", uploaded(packed(array=SAMPLES)), True, VISITOR)
    assert "Read" in said and "<dd>60</dd>" in summary and not uploaded.left()
    assert own_page.VISITS.of("visitor").read.fmri.flags.owndata  # not mapped from the file
    own_events.left(VISITOR)
    assert len(own_page.VISITS) == 0


@pytest.mark.parametrize("why", ["no consent", "not allowed", "too large", "empty", "text"])
def test_what_is_refused_leaves_the_disk_too(uploaded, monkeypatch, why):
    complaint = {"no consent": "without the box ticked", "not allowed": "is off", "too large": "at most 0 MB"}
    if why == "not allowed":
        monkeypatch.setenv(ALLOW, "")
    if why == "too large":
        monkeypatch.setattr(uploads, "OWN", 100)
    data = {"empty": b"", "text": b"hello"}.get(why, packed(array=SAMPLES))
    page = own_events.take("fmri", uploaded(data), why != "no consent", VISITOR)
    assert complaint.get(why, "mine.npy: got") in page[1] and "yb-bad" in page[1]
    assert not uploaded.left() and own_page.VISITS.of("visitor").read is None


def test_a_mask_may_come_after_its_run(uploaded, tmp_path):
    run, mask = run_and_mask(tmp_path)
    first = own_events.take("fmri", uploaded(run.read_bytes(), run.name), True, VISITOR)[1]
    assert "without a mask" in first and f"Held: fMRI {run.name}." in first
    second = own_events.take("mask", uploaded(mask.read_bytes(), mask.name), True, VISITOR)
    assert f"Read with mask {mask.name}" in second[1] and not uploaded.left()


@pytest.mark.parametrize("payload", [None, "x", FileData(path=__file__), FileData(path="/etc/passwd")])
def test_what_was_not_uploaded_is_neither_read_nor_deleted(uploaded, payload):
    assert "not uploaded" in own_events.take("fmri", payload, True, VISITOR)[1]
    assert Path(__file__).exists()


def test_visits_are_bounded(monkeypatch):
    now = [0.0]
    visits = Visits(lambda: now[0])
    for i in range(uploads.MOST_VISITS + 5):
        visits.of(f"{i}")
    assert len(visits) == uploads.MOST_VISITS and "0" not in visits
    now[0] = uploads.KEPT
    visits.of("44")
    assert len(visits) == 1
    monkeypatch.setattr(uploads, "OWN", 10)
    visits.of("44").files["fmri"] = "a", bytes(40)
    visits.of("b").files["fmri"] = "b", bytes(40)
    visits.of("b")
    assert "44" not in visits and "b" in visits


def test_the_last_visit_goes_too_after_an_hour_without_use():
    now = [0.0]
    visits = Visits(lambda: now[0], look=0.01)
    first = visits.of("alone")
    now[0] = uploads.KEPT - 1
    time.sleep(0.05)
    assert visits.now("alone") is first
    now[0] = uploads.KEPT
    _wait_for(lambda: "alone" not in visits)
    late = Visits(lambda: now[0])  # whose timer has not looked yet
    late.of("alone").files["fmri"] = "a", b"a"
    now[0] += uploads.KEPT
    assert not late.of("alone").files


def _wait_for(true):
    for _ in range(200):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come true in 2 s")


@pytest.mark.parametrize("text", ["", "x", "-1", "20", "1.5", "0,1,2,3,4", None, "²", "0;1", "1e3", "0,,1"])
def test_samples_that_there_are_not_are_told_beside_the_field(text):
    own_events.example(VISITOR)
    ((_, said, _),) = own_models.decode("1", text, 0, VISITOR)
    assert "yb-bad" in said and "expected" in said


def test_a_simulated_file_is_decoded_stage_after_stage(pipeline):
    said, summary, decoders, *_, brain, flat, _ = own_events.example(VISITOR)
    assert "nobody" in said and "the same ones" in summary and decoders["value"] == "1"
    assert brain["visible"] and len(flat["b64"]) > 59_412
    pages = list(own_models.decode("1", "3", 0, VISITOR))
    rows = pages[-2][0]
    assert rows.count("data:video/mp4;base64,") == 2 and rows.count("data:image/webp;base64,") == 1
    assert "Not scored" in pages[-1][1] and any("blurry video 100%" in said for _, said, _ in pages)
    assert "yb-bad" in list(own_models.decode("2", "3", 0, VISITOR))[0][1]  # another number of voxels
    own_events.forget(VISITOR)


def test_a_new_person_is_calibrated_and_told_beside_chance():
    visit = own_page.VISITS.of("visitor")
    visit.files["fmri"] = "noise.npz", packed(fmri=SAMPLES, clips=CLIPS)
    own_events._read(visit)
    *_, (_, _, decoders, *_, result) = own_models.calibrate("1", VISITOR)
    assert "No better than chance" in result and decoders["value"] == own_page.MINE
    assert re.search(r"told apart in pairs", result) and visit.made.n_voxels == 50
    own_events.forget(VISITOR)
    assert "yb-bad" in list(own_models.calibrate("1", VISITOR))[0][-1]
    assert own_page.parts(Visit(), "")[2]["value"] is None


@pytest.mark.parametrize("end", ["deleted", "box unticked", "simulated", "uploaded"])
def test_what_is_under_way_ends_with_the_files_it_began_with(uploaded, end):
    """And then shows what there is, which is nothing of them: a calibration at its next ridge, a film at its step."""
    ends = {
        "deleted": lambda: own_events.forget(VISITOR),
        "box unticked": lambda: own_events.agree(False, VISITOR),
        "simulated": lambda: own_events.example(VISITOR),
        "uploaded": lambda: own_events.take("fmri", uploaded(packed(array=SAMPLES)), True, VISITOR),
    }
    visit = own_page.VISITS.of("visitor")
    visit.files["fmri"] = "noise.npz", packed(fmri=SAMPLES, clips=CLIPS)
    own_events._read(visit)
    fitting = own_models.calibrate("1", VISITOR)
    assert "Fitting" in next(fitting)[-1]
    ends[end]()
    (*skipped, fitted), *more = fitting
    assert fitted == "" and skipped == [gr.skip()] * 7 and not more
    assert visit.made is None and own_page.VISITS.now("visitor").made is None
    own_events.example(VISITOR)
    visit = own_page.VISITS.of("visitor")
    decoding = own_models.decode("1", "3", 0, VISITOR)
    next(decoding)
    ends[end]()
    ((rows, said, _),) = decoding
    assert "No sample is decoded yet" in rows and said == "" and not own_page.VISITS.now("visitor").rows
    own_events.forget(VISITOR)


def test_where_a_gpu_is_lent_a_file_is_decoded_on_the_cpu_and_waits_for_no_run(pipeline, monkeypatch):
    """Elsewhere by the pipeline of all runs, whose lock a calibrated decoder shares."""
    import neuroclips.pipeline

    asked, known = [], neuroclips.pipeline.load_pipeline
    monkeypatch.setattr(neuroclips.pipeline, "load_pipeline", lambda device: asked.append(device) or known())
    pipe, done = known(), []
    voxels = np.zeros(3286, np.float32)
    with pipe._one_at_a_time:
        thread = threading.Thread(target=lambda: done.append(own_run.run(voxels, 0, 1, None, 0, lambda stage: None)))
        thread.start()
        thread.join(0.5)
        assert not done and asked == [None]
    thread.join(120)
    assert len(done) == 1 and pipe.with_subject(None)._one_at_a_time is pipe._one_at_a_time
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    own_run.run(voxels, 0, 1, None, 0, lambda stage: None)
    assert asked == [None, "cpu"]


def test_warnings_of_other_threads_are_no_notes_on_a_visitors_file(monkeypatch):
    """Nor are folders of the server in those that are."""
    read = own_file._read

    def beside(paths):
        other = threading.Thread(target=lambda: warnings.warn("of another visitor", stacklevel=1))
        other.start()
        other.join()
        return read(paths)

    monkeypatch.setattr(own_file, "_read", beside)
    with pytest.warns(UserWarning, match="of another visitor") as caught:
        own = own_file.read({"fmri": ("far.npz", packed(fmri=100 + SAMPLES, clips=CLIPS[:, :1]))})
    assert len(caught) == 1 and len(own.notes) == 2 and "neuroclips-" not in " ".join(own.notes)
    assert own.notes[0].startswith("far.npz: got samples of mean") and "Not for calibration: far.npz" in own.notes[1]


def test_what_is_kept_is_said_where_one_agrees_and_where_one_reads():
    for text in (own_text.CONSENT, about.page()):
        assert all(words in text for words in ("untick the box", "for an hour", "a temporary folder of the server"))
    assert all(words in about.page() for words in ("training runs, their weights and logs", "A random word"))


def test_where_uploads_are_off_the_page_shows_the_command_line(monkeypatch):
    assert [part["visible"] for part in own_events.opened(VISITOR)] == [True, False]
    monkeypatch.setenv("SPACE_ID", "someone/neuroclips")
    assert [part["visible"] for part in own_events.opened(VISITOR)] == [False, True]
    assert uploads.limit() == uploads.PUBLIC


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The tab alone behind the guard, its address, and where uploads go."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("served")
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        with gr.Blocks() as demo:
            yours.build(demo)
        guard = {"middleware": [Middleware(UploadGuard)]}
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, app_kwargs=guard, max_file_size=uploads.limit())
        yield url, folder
        demo.close()


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("route", ["upload", "upload/", "process_recording", "component_server"])
def test_the_server_takes_no_file_where_uploads_are_off(served, monkeypatch, route):
    url, folder = served
    monkeypatch.setenv(ALLOW, "")
    answer = httpx.post(f"{url}gradio_api/{route}", files={"files": ("a.npy", bytes(1000))})
    assert answer.status_code == 403 and "Uploading is off" in answer.json()["detail"] and not _files(folder)


def test_the_server_takes_no_file_that_is_too_large_or_of_unknown_size(served, monkeypatch):
    url, folder = served
    monkeypatch.setattr(uploads, "OWN", 0)
    route = f"{url}gradio_api/upload"
    assert httpx.post(route, files={"files": ("a.npy", bytes(2 * 10**6))}).status_code == 413
    multipart = {"content-type": "multipart/form-data; boundary=x"}
    assert httpx.post(route, content=iter([b"--x--"]), headers=multipart).status_code == 411
    assert httpx.post(f"{url}gradio_api/queue/join", content=bytes(2 * 10**6)).status_code == 413
    assert not _files(folder)


@pytest.mark.browser
def test_a_visitor_uploads_reads_and_leaves(served, tmp_path, monkeypatch):
    url, folder = served
    monkeypatch.setattr(own_page, "VISITS", Visits())
    (tmp_path / "text.npy").write_text("hello")
    np.savez(tmp_path / "mine.npz", fmri=SAMPLES)
    with open_tab() as tab:
        tab.goto(url)
        tab.check("#yb-consent input")
        field = "#yb-fmri input[type=file]"
        tab.set_input_files(field, tmp_path / "text.npy")
        tab.wait_for_selector("#yb-said .yb-bad")
        assert "text.npy: got a file that does not read" in tab.inner_text("#yb-said")
        tab.set_input_files(field, tmp_path / "mine.npz")
        tab.wait_for_selector("#yb-summary .yb-facts")
        assert "No shipped decoder reads 50 voxels" in tab.inner_text("#yb-summary")
        assert len(own_page.VISITS) == 1 and not _files(folder)
        tab.goto("about:blank")
        for _ in range(50):
            tab.wait_for_timeout(200)
            if not len(own_page.VISITS):
                break
    assert len(own_page.VISITS) == 0
