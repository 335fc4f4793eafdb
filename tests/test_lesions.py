"""Lesions: words that silence voxels of a subject before anything is decoded, in Python, shell and app."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from neuroclips.brain.regions import GROUPS, rows_of
from neuroclips.commands import reconstruct_command
from neuroclips.data.registry import load_dataset
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.errors import InputError, MissingError
from neuroclips.lesions import SILENCES, Lesion, bound, lesion_of, named
from neuroclips.types import Request, Settings
from neuroclips.ui import asked

EVERYTHING = ",".join(GROUPS)


@pytest.fixture(scope="module")
def data():
    return load_dataset()


def test_a_lesion_is_words_and_knows_which_there_are():
    assert Lesion(" V1 ,V2,,V1") == Lesion("V1,V2") and len({Lesion("V1"), Lesion("V1"), Lesion("V1", True)}) == 2
    assert pickle.loads(pickle.dumps(Lesion("disc:412:180:20"))) == Lesion("disc:412:180:20")
    wrong = {"V11": "got region 'V11', expected .* V1", "": "got no region", "disc:1:2": "expected a disc"}
    wrong |= {"V1," * 8000: "use a larger brush"}
    for regions, says in wrong.items():
        with pytest.raises(InputError, match=says):
            Lesion(regions)
    with pytest.raises(InputError, match="got silence 'one', expected one of: zero, mean, noise"):
        Lesion("V1", silence="one")


@pytest.mark.parametrize("silence", SILENCES)
def test_what_is_silenced_says_nothing_and_the_rest_is_untouched(data, silence):
    every = np.stack([data.sample(2, clip).voxels.numpy() for clip in range(data.info.n_clips)])
    within = rows_of("V1,V2")[data.vertex_index(2)]
    edit, kept = Lesion("V1,V2", silence=silence).on(data, 2), Lesion("V1,V2", True, silence).on(data, 2)
    assert (edit.mask == within).all() and (kept.mask == ~within).all()
    samples = [data.sample(2, clip) for clip in range(0, 300, 3)]
    silent = np.stack([edit(sample).voxels.numpy() for sample in samples])
    assert (silent[:, ~within] == every[::3][:, ~within]).all() and torch.equal(samples[0].voxels, edit_free(data))
    inside = silent[:, within]
    if silence == "zero":
        assert not inside.any()
    elif silence == "mean":
        assert np.allclose(inside, every.mean(0)[within], atol=1e-6)
    else:
        assert np.allclose(inside.std(0).mean(), every.std(0)[within].mean(), rtol=0.05)
        own = [np.corrcoef(row, true)[0, 1] for row, true in zip(inside, every[::3][:, within], strict=True)]
        assert abs(np.mean(own)) < 0.1  # another noise for each clip, that knows nothing of it
        assert (edit(samples[1]).voxels == edit(samples[1]).voxels).all() and (inside[0] != inside[1]).all()
        other = Lesion("V1,V2", silence=silence).on(data, 2, seed=1)
        assert (other(samples[0]).voxels != edit(samples[0]).voxels).any()


def edit_free(data):
    return data.sample(2, 0).voxels


def test_what_cannot_be_silenced_is_told(data, tmp_path):
    with pytest.raises(InputError, match=r"got lesion V1 \(zero\) that knows no voxels, .*\.on\(dataset, subject\)"):
        Lesion("V1")(data.sample(1, 0))
    with pytest.raises(InputError, match="expected subject 1 with .* bind it anew"):
        Lesion("V1").on(data, 1)(data.sample(2, 0))
    with pytest.raises(InputError, match="got V1, where subject 1 has no voxel, expected .* some: object$"):
        Lesion("V1").on(Narrow(data, "LO1"), 1)
    with pytest.warns(UserWarning, match="silences all 3,286 voxels of subject 1"):
        silent = Lesion(EVERYTHING).on(data, 1)
    assert not silent(data.sample(1, 5)).voxels.any()
    np.save(tmp_path / "own.npy", np.zeros((3, 3286), np.float32))
    with pytest.raises(MissingError, match="lesions need to know where voxels are"):
        Lesion("V1").on(load_dataset("file", tmp_path / "own.npy", 1, None, None), 1)
    with pytest.raises(InputError, match="subjects 1, 2, 3"):
        Lesion("V1").on(data, 9)


class Narrow:
    """The shipped clips as a scan that saw one area alone would have them."""

    def __init__(self, data: SimulatedDataset, area: str):
        self.info, self.index = data.info, np.flatnonzero(rows_of(area))

    def vertex_index(self, subject):
        return self.index


def test_settings_bind_their_lesions_and_records_name_them(data):
    settings = Settings(edits=(Lesion("FFC", True, "mean"), edit_free))
    own = bound(settings, data, 1)
    assert own.edits[0].lesion == settings.edits[0] and own.edits[1] is edit_free
    assert own.record()["edits"] == settings.record()["edits"] == ["keep FFC (mean)", "edit_free"]
    assert bound(own, data, 1) is own
    for name in own.record()["edits"][:1]:
        assert named(name) == settings.edits[0]
    assert named("edit_free") is None and lesion_of(None, "", None) == ()
    with pytest.raises(InputError, match="expected one of them"):
        lesion_of("V1", "V2", None)


def test_the_page_asks_for_lesions_in_words():
    base = {"subject": 1, "clip": 3}
    plain = asked.request_of(base)
    for empty in ({"lesion": ""}, {"keep": None}, {"silence": "noise"}):
        assert asked.request_of(base | empty) == plain
    others = [{"lesion": "V1"}, {"keep": "V1"}, {"lesion": "V1", "silence": "mean"}, {"lesion": "V1,disc:1:2:30"}]
    assert len({asked.key(asked.request_of(base | other)) for other in [{}, *others]}) == 5
    found = asked.request_of(asked.from_query({"subject": "1", "clip": "3", "lesion": "44", "silence": "noise"}))
    assert found == replace(plain, settings=replace(plain.settings, edits=(Lesion("44", silence="noise"),)))
    assert reconstruct_command(found).endswith("--clip 3 --lesion 44 --silence noise")
    for wrong in ({"lesion": 7}, {"lesion": "V1", "keep": "V2"}, {"lesion": "V1", "silence": "loud"}, {"keep": "V11"}):
        with pytest.raises(InputError, match="^got "):
            asked.request_of(base | wrong)


def test_a_request_may_hold_a_lesion():
    assert reconstruct_command(Request(1, 0, Settings(edits=(Lesion("V1,V2"),)))).endswith("--lesion V1,V2")
