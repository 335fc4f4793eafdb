"""Many clips: kept when finished, made again when damaged, named when they fail, spread without loss or doubles."""

import contextlib
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from typer.testing import CliRunner

from neuroclips import media, run
from neuroclips.cli import app
from neuroclips.errors import InputError
from neuroclips.export import RECORD
from neuroclips.files import from_json, sha256_of
from neuroclips.metrics.scores import mean, read
from neuroclips.paths import ROOT
from neuroclips.testsets.asked import ClipSet, Portion, parse_portion
from neuroclips.testsets.batches import Batches
from neuroclips.testsets.making import make
from neuroclips.testsets.receipts import RECEIPT, is_finished
from neuroclips.testsets.summary import summarise
from neuroclips.types import Request
from neuroclips.zoo import zoo_named

FEW = {"prior_steps": 2, "prior_samples": 1, "keyframe_steps": 2, "keyframe_draws": 1, "video_steps": 2}
TYPED = [word for name, value in FEW.items() for word in ("--set", f"{name}={value}")]


def asked(out, clips, batch_size=1, **changes):
    settings = replace(zoo_named().settings, **FEW | changes)
    return ClipSet(Request(1, 0, settings), tuple(clips), batch_size, out)


def command(*words, start=("-m",)):
    line = [sys.executable, *start, "neuroclips", "reconstruct", *map(str, words), *TYPED]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def manifest(out):
    return from_json((out / "manifest.json").read_text(encoding="utf-8"))


def frames(out):
    """Hashes of the frames of all clips, by clip; each clip is there once."""
    rows = manifest(out)["films"]
    assert len({row["clip"] for row in rows}) == len(rows)
    return {row["clip"]: row["frames_sha256"] for row in rows}


def times(out):
    return {path: path.stat().st_mtime_ns for path in out.glob("0*/*")}


@pytest.fixture(scope="module")
def films():
    """Results of clips that were reconstructed here, by clip."""
    return {}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, films):
    """Clips 0 to 2, made without a break."""
    out, reconstruct = tmp_path_factory.mktemp("whole"), run.reconstruct_clips

    def kept(request, clips, **options):
        results = reconstruct(request, clips, **options)
        films.update(zip(clips, results, strict=True))
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "reconstruct_clips", kept)
        assert make(asked(out, range(3))).made == [0, 1, 2]
    return out


@pytest.fixture
def at_once(monkeypatch, whole, films):
    """What is reconstructed again is what it was: for tests of what happens to it then."""
    monkeypatch.setattr(run, "reconstruct_clips", lambda request, clips, **_: [films[clip] for clip in clips])


@pytest.fixture
def there(whole, tmp_path):
    """A copy of them."""
    shutil.copytree(whole, tmp_path / "all")
    return tmp_path / "all"


def test_each_clip_has_its_films_and_their_checksums(whole):
    rows = manifest(whole)["films"]
    for row in rows:
        folder = whole / f"{row['clip']:04d}"
        assert row["files"] == {path.name: sha256_of(path) for path in folder.iterdir() if path.name != RECEIPT}
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        assert (record["clip"], record["seed"], record["frames_sha256"]) == (row["clip"], 0, row["frames_sha256"])
    assert list(frames(whole)) == [0, 1, 2] and len(set(frames(whole).values())) == 3
    about = summarise(asked(whole, range(4)), {})
    records = [from_json((whole / f"000{clip}" / RECORD).read_text(encoding="utf-8")) for clip in range(3)]
    assert about.scores == mean([read(record["scores"]) for record in records])
    assert (about.clips, about.there, about.missing) == (4, 3, [3])
    assert json.loads((whole / "summary.json").read_text(encoding="utf-8"))["missing"] == [3]


def test_what_is_damaged_or_gone_is_made_again(there, whole, at_once):
    (there / "0000" / "video.mp4").write_bytes(b"damaged")
    (there / "0002" / "keyframe.png").unlink()
    before = times(there)
    done = make(asked(there, range(3)))
    assert (done.made, done.kept, done.failed) == ([0, 2], [1], {})
    assert {path.parent.name for path, time_ in times(there).items() if before.get(path) != time_} == {"0000", "0002"}
    for name in ("video.mp4", "keyframe.png", "blurry.mp4", "ground_truth.mp4"):
        assert all(
            sha256_of(there / clip / name) == sha256_of(whole / clip / name) for clip in ("0000", "0001", "0002")
        )


def test_films_of_other_settings_are_refused(there):
    before = times(there)
    with pytest.raises(InputError, match=r"manifest\.json: got films made with other seed, theta than now") as caught:
        make(asked(there, range(3), seed=1, theta=0.2))
    assert "\n" not in str(caught.value) and times(there) == before


def test_float32_that_was_asked_for_is_another_precision_than_none(tmp_path):
    usual = asked(tmp_path, range(3))
    pure = replace(usual, request=replace(usual.request, dtype="float32"))
    assert [order.made_with()["dtype"] for order in (usual, pure)] == ["float32", "float32"]
    assert [order.made_with()["mixed"] for order in (usual, pure)] == [True, False]


def test_a_clip_that_fails_is_named_and_its_neighbours_are_made(tmp_path, monkeypatch, whole):
    """Its voxels are no numbers, so that the batch fails; the others are what they are alone."""
    data, sample = run.dataset_of(Request(1, 0)), type(run.dataset_of(Request(1, 0))).sample

    def broken(self, subject, clip):
        found = sample(self, subject, clip)
        return replace(found, voxels=torch.full_like(found.voxels, torch.nan)) if clip == 1 else found

    monkeypatch.setattr(type(data), "sample", broken)
    words = ["reconstruct", "--clips", "0,1", "--batch-size", "2", "--out", str(tmp_path), *TYPED]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1 and "clip 1 failed: blurry video: got values that are not numbers" in result.output
    assert frames(tmp_path) == {0: frames(whole)[0]}
    about = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert list(about["failed"]) == ["1"] and about["there"] == 1 and about["missing"] == []


def test_a_full_disk_is_told_of_the_clip_and_the_rest_goes_on(tmp_path, monkeypatch, at_once):
    write = media.write_video

    def full(path, *rest):
        if "0001" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, *rest)

    monkeypatch.setattr(media, "write_video", full)
    done = make(asked(tmp_path, range(3), 3))
    assert (
        done.made == [0, 2]
        and list(done.failed) == [1]
        and "0001': No space left on device: make room" in done.failed[1]
    )
    assert not any((tmp_path / "0001").iterdir()) and set(frames(tmp_path)) == {0, 2}
    monkeypatch.setattr(media, "write_video", write)
    again = make(asked(tmp_path, range(3), 3))
    assert (again.made, again.kept) == ([1], [0, 2])


def test_a_batch_that_does_not_fit_into_memory_is_halved_once(capsys):
    tried = []

    def reconstruct(clips):
        tried.append(len(clips))
        if len(clips) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return list(clips)

    batches = Batches(reconstruct)
    made = [[(clip, result) for clip, result, _ in batches(clips)] for clips in ((0, 1, 2, 3), (4, 5, 6, 7))]
    assert made == [[(c, c) for c in range(4)], [(c, c) for c in range(4, 8)]] and tried == [4, 2, 2, 2, 2]
    assert capsys.readouterr().err.count("does not fit into memory: going on with 2") == 1


def test_portions_share_every_clip_once(tmp_path):
    order = asked(tmp_path, range(50), 4)
    for of in (1, 3, 7, 20):
        portions = [Portion(index, of) for index in range(of)]
        parts = [part.split(process, 2) for part in portions for process in range(2)]
        for several in (portions, parts):
            clips = [clip for portion in several for batch in order.batches(portion) for clip in batch]
            assert sorted(clips) == list(range(50))
    assert parse_portion("3/10") == Portion(2, 10)
    for words in ("0/10", "11/10", "3", "a/b", "-1/2"):
        with pytest.raises(InputError, match="expected WHICH/OF"):
            parse_portion(words)


def stop_until_it_ends(running, number):
    """As people do: Python drops an interrupt that comes while an object is being finalised."""
    for _ in range(3):
        running.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(timeout=3)
            return


@pytest.mark.parametrize("how", ["kill", "ctrl-c"])
@pytest.mark.skipif(os.name == "nt", reason="no signals")
def test_a_run_that_is_stopped_goes_on_with_the_same_bytes(tmp_path, whole, how):
    running = command("--clips", "0-9", "--batch-size", 1, "--out", tmp_path)  # more than are made before it is stopped
    try:
        while not (tmp_path / "0000" / RECEIPT).exists():
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.02)
        stop_until_it_ends(running, signal.SIGKILL if how == "kill" else signal.SIGINT)
        _, said = running.communicate(timeout=60)
    finally:
        running.kill()
    if how == "ctrl-c":
        assert running.returncode == 130 and "neuroclips: stopped" in said and "Traceback" not in said
        assert 0 in frames(tmp_path)
    before = {path: at for path, at in times(tmp_path).items() if is_finished(path.parent)}
    done = make(asked(tmp_path, range(2)))
    assert done.kept and sorted(done.made + done.kept) == [0, 1] and before.items() <= times(tmp_path).items()
    assert {clip: frames(tmp_path)[clip] for clip in (0, 1)} == {clip: frames(whole)[clip] for clip in (0, 1)}
    assert all(sha256_of(tmp_path / name) == sha256_of(whole / name) for name in ("0000/video.mp4", "0001/video.mp4"))


def test_two_processes_share_the_clips(tmp_path):
    """As accelerate launch starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", 2, "--num_machines", 1]
    start += ["--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", port, "-m"]
    running = command("--clips", "0,1", "--batch-size", 1, "--out", tmp_path, "--json", start=map(str, start))
    printed, said = running.communicate(timeout=300)
    assert running.returncode == 0, said
    assert json.loads(printed)["there"] == 2 and set(frames(tmp_path)) == {0, 1}
    workers = [row["worker"].partition(":")[2] for row in manifest(tmp_path)["films"]]
    assert workers == ["0", "1"] and said.count(" made: ") == 2
