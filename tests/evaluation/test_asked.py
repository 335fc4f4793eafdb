"""What is asked for is told as a command that asks for the same, and conditions take the models that they need."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from neuroclips.cli import evaluating
from neuroclips.clips import parse_clips, told_clips
from neuroclips.data.registry import load_dataset
from neuroclips.evaluation import seen
from neuroclips.evaluation.asked import Asked
from neuroclips.evaluation.films import Whose, clip_set
from neuroclips.evaluation.seen import of_truth

CLIPS = tuple(range(300))


@pytest.mark.parametrize("clips", ["0", "0-9,12", "3,5,7-8,299"])
def test_clips_are_told_as_they_are_typed(clips):
    assert told_clips(parse_clips(clips, 300)) == clips


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(Whose(Path("o")), (1,), CLIPS), "--subject 1 --protocol paper --seed 0"),
        (Asked(Whose(Path("o")), (1, 2, 3), CLIPS, seed=3), "--subject all --protocol paper --seed 3"),
        (
            Asked(Whose(Path("o"), reconstructors=Path("my own")), (1, 3), (0, 1, 5), ("neurons",), True, True, False),
            "--subject 1,3 --protocol neurons --ablations --controls --clips 0-1,5 --reconstructors 'my own' --seed 0",
        ),
    ],
)
def test_the_command_asks_for_the_same(asked, said):
    assert asked.command == f"python -m neuroclips evaluate {said}"
    words, flags = shlex.split(said), ("--ablations", "--controls")
    given = {word: words[at + 1] for at, word in enumerate(words) if word.startswith("--") and word not in flags}
    flagged = [flag in words for flag in flags]
    again = evaluating._asked(
        asked.whose, given["--subject"], given.get("--clips", "all"), [given["--protocol"]], *flagged, asked.seed
    )
    assert again == asked


def test_all_clips_are_thinned_whether_typed_or_not_and_numbers_are_not():
    said = [evaluating._asked(Whose(Path("o")), "1", clips, None, False, True, 0) for clips in ("all", "0-299")]
    assert [len(asked.clips_of("zero")) for asked in said] == [25, 300]


def test_conditions_without_a_subject_take_the_reconstructors_of_the_zoo(tmp_path):
    whose = Whose(tmp_path, reconstructors=tmp_path / "mine")
    own = {name: clip_set(whose, 2, name, (0,)).request for name in ("full", "zero", "null", "none")}
    assert [own[name].reconstructors for name in own] == [tmp_path / "mine"] * 2 + [None] * 2
    assert [own[name].subject for name in own] == [2, 2, 0, 1]


def test_kept_features_know_films_of_another_script_and_another_version_of_the_metrics(monkeypatch, tmp_path):
    data = load_dataset()
    other = type("Other", (), {"info": replace(data.info, scripted=(("test", 1), ("test", 0)))})()
    measured = [_Measured(data, first) for first in (0, 40)]
    keys = [of_truth(each, (0, 1)).key for each in (data, other, *measured)]
    assert len(set(keys)) == 4
    eyes = seen.Eyes.__new__(seen.Eyes)
    eyes.judged_by, eyes.size = "x", (8, 8)
    before = eyes.key("films")
    monkeypatch.setattr(seen, "METRICS_VERSION", seen.METRICS_VERSION + 1)
    assert eyes.key("films") != before


class _Measured:
    """Films of which no script is known."""

    def __init__(self, data, first):
        self.info, self.data, self.first = replace(data.info, scripted=()), data, first

    def stimulus(self, clip, n_frames):
        return self.data.stimulus(self.first + clip, n_frames)
