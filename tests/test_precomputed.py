"""Precomputed films: shipped ones are what a run gives, clips are chosen by score, making goes on where it was."""

import json
import shutil
from dataclasses import replace

import pytest

from neuroclips import machine, precomputed, precomputing, run
from neuroclips.errors import InputError, MissingError
from neuroclips.media import read_video
from neuroclips.metrics.scores import ABOUT, read
from neuroclips.precomputed import FILMS, TABLE, files
from neuroclips.types import Guidance, Request, Step
from neuroclips.ui import catalogue, parcel
from neuroclips.zoo import best_device, zoo_named
from tests import films
from tests.data.builders import DAMAGES

SHIPPED = 300  # clips of each subject
SAMPLED = [
    (1, "best", Guidance(), "git"),
    (1, "best", Guidance(), "blip2"),
    (2, "median", Guidance(alpha=False), "blip2"),
    (3, "worst", Guidance(beta=False), "blip2"),
]


@pytest.mark.parametrize("subject", [1, 2, 3])
def test_shipped_films_are_whole_and_of_the_shipped_models(subject):
    """Made with the settings and reconstructors of this version; nothing is missing and nothing lies about."""
    made, rows = precomputed.table(subject)
    assert made == precomputing.made_with(subject)
    assert [summary["clip"] for summary in precomputed.load_all(subject)] == list(range(SHIPPED))
    assert all(read(row["scores"]) for row in rows.values())
    heroes = precomputed.heroes(subject)
    assert set(rows) == {(clip, "abg") for clip in range(SHIPPED)} | {(clip, name) for clip in heroes for name in FILMS}
    expected = {p for clip, name in rows for p in files(subject, clip, *FILMS[name]).values()}
    there = {p for p in precomputed.folder(subject).rglob("*") if p.is_file()}
    assert there == expected | {precomputed.folder(subject) / TABLE}


@pytest.mark.parametrize("subject,mark,guidance,captioner", SAMPLED)
def test_shipped_films_are_what_a_run_gives(data, pipeline, subject, mark, guidance, captioner):
    """To the bit where they were made, elsewhere within the one grey value that H.264 takes and one of rounding."""
    clip = precomputed.marks(subject)[mark]
    about = precomputed.load(subject, clip, guidance, captioner)
    result = run.reconstruct(
        Request(subject, clip, replace(pipeline.zoo.settings, guidance=guidance, captioner=captioner))
    )
    made, now = result.reconstruction, precomputing.rounded(result.summary)
    assert about["captioner"] == captioner
    film = read_video(files(subject, clip, guidance, captioner)[Step.VIDEO])
    assert (made.video - film).abs().mean() < 0.03 and made.caption == about["caption"]
    assert films.difference(made, films.colours(replace(made, video=film))) < 2  # of 255: the file 1.2, another seed 7
    if best_device().type == "cpu" and about["machine"] == machine.key(made.precision):
        assert now["frames_sha256"] == about["frames_sha256"] and now["scores"] == about["scores"]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder of our own in the place of the shipped one."""
    monkeypatch.setattr(precomputed, "FOLDER", tmp_path)
    return tmp_path


def test_making_goes_on_where_it_was(elsewhere, monkeypatch):
    """Two steps of each model are enough to see it."""
    few = {"prior_steps": 2, "prior_samples": 1, "keyframe_steps": 2, "video_steps": 2}
    zoo = replace(zoo_named(), settings=replace(zoo_named().settings, **few))
    monkeypatch.setattr(precomputing, "zoo_named", lambda: zoo)
    precomputing.precompute(3, (7, 2))
    (elsewhere / "subject3" / "007" / "abg.mp4").unlink()
    before = {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*.*")}
    precomputing.precompute(3, (2, 7))
    precomputing._make(3, [2], Guidance(alpha=False))
    assert [summary["clip"] for summary in precomputed.load_all(3)] == [2, 7]
    changed = {path.name for path, time in before.items() if path.stat().st_mtime_ns != time and "002" in str(path)}
    assert changed == {"blurry.mp4"}  # which the film of the other combination brings along
    other = precomputed.load(3, 2, Guidance(alpha=False))
    assert other["scores"] != precomputed.load(3, 2)["scores"] and other["caption"]
    assert all(path.exists() for path in files(3, 2, Guidance(alpha=False)).values())
    precomputing._make(3, [2], Guidance(), "git")
    reading, seeing = precomputed.load(3, 2, captioner="git"), precomputed.load(3, 2)
    assert (reading["captioner"], seeing["captioner"]) == ("git", "blip2") and len(precomputed.load_all(3)) == 2
    assert files(3, 2, captioner="git")[Step.VIDEO].name == "abg-git.mp4"
    assert files(3, 2, Guidance(gamma=False), "git")[Step.VIDEO].name == "ab.mp4"  # no words, no captioner
    with pytest.raises(MissingError, match="films of 2 clips of subject 3, expected all 300"):
        precomputing.precompute(3, (2,), guidances=True)
    monkeypatch.undo()
    monkeypatch.setattr(precomputed, "FOLDER", elsewhere)
    with pytest.raises(InputError, match="made with other prior_steps, prior_samples, keyframe_steps, video_steps"):
        precomputing.precompute(3, (2,))


def test_clips_are_ranked_by_frame_2_way_and_then_by_ssim(elsewhere):
    """Also that heroes are the two ends and the middle of the ranking."""

    def row(clip):
        flat = dict.fromkeys(ABOUT, 0.5)
        ours = flat | {"frame_2_way": 1 - clip // 10 / 10, "ssim": clip % 10 / 10}
        about = {"seconds": {}, "caption": "", "scores": {"video": ours, "flat_colour": flat}}
        return {"clip": clip, "guidance": "abg", **about}

    (elsewhere / "subject1").mkdir()
    table = {"made": {"subject": 1, "seed": 0}, "films": [row(clip) for clip in range(60)]}
    (elsewhere / "subject1" / TABLE).write_text(json.dumps(table))
    by_tens = [range(10 * ten + 9, 10 * ten - 1, -1) for ten in range(6)]
    assert precomputed.ranked(1) == [clip for tens in by_tens for clip in tens]
    assert precomputed.marks(1) == {"best": 9, "median": 39, "worst": 50}
    assert precomputed.heroes(1) == sorted({*range(10), *range(20, 25), *range(35, 40), *range(50, 60)})
    assert precomputed.marks(2) == {}


def test_a_film_is_taken_away_as_it_was_made(elsewhere):
    """Without beta there is no keyframe; where there is no such film, nothing stands in for it."""
    shutil.copytree(precomputed.ASSETS / "precomputed" / "subject1" / "000", elsewhere / "subject1" / "000")
    row = {"clip": 0, "guidance": "a", "seconds": {}, "caption": "a smooth video", "scores": None}
    table = {"made": {"subject": 1, "seed": 0}, "films": [row]}
    (elsewhere / "subject1" / TABLE).write_text(json.dumps(table))
    shutil.copy(elsewhere / "subject1" / "000" / "abg.mp4", files(1, 0, Guidance(beta=False))[Step.VIDEO])
    about = json.loads(parcel.stored_json(1, 0, "a"))
    assert about["precomputed"] is True and (about["guidance"], about["caption"]) == ("a", "a smooth video")
    assert parcel.stored_png(1, 0, "a") is None
    for other in ("abg", "abg-git", "a-git", "..", ""):
        assert parcel.stored_json(1, 0, other) is None and parcel.stored_zip(1, 0, other) is None


BROKEN = {
    **DAMAGES,
    "no object": lambda whole: b"[]",
    "nothing in it": lambda whole: b"{}",
    "no rows": lambda whole: json.dumps(json.loads(whole) | {"films": [3]}).encode(),
    "no scores": lambda whole: whole.replace(b'"video": {"ssim"', b'"video": {"none"'),
}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_damaged_table_is_named(elsewhere, damage):
    """It is not made anew without a word: 450 films would be."""
    path = elsewhere / "subject1" / TABLE
    shutil.copytree(precomputed.ASSETS / "precomputed" / "subject1", elsewhere / "subject1")
    path.write_bytes(BROKEN[damage](path.read_bytes()))
    reads = (lambda: precomputed.load(1, 0), lambda: precomputed.marks(1), lambda: precomputed.load_all(1))
    for read_it in reads:
        with pytest.raises(InputError, match=r"films\.json: got") as caught:
            read_it()
        assert "\n" not in str(caught.value)
    for shown, nothing in ((catalogue._films.__wrapped__, {"films": {}, "ranked": []}), (catalogue.marks, {})):
        with pytest.warns(UserWarning, match=r"films\.json"):
            assert shown(1) == nothing
