"""A film around the closed loop: the same as the scanner gives, honest about noise, and the same as files and bytes."""

import gzip
import json

import numpy as np
import pytest

from neuroclips.data.file import FileDataset
from neuroclips.errors import InputError
from neuroclips.film_size import film_pixels
from neuroclips.loop import cortex as module
from neuroclips.loop.closed import close, correlation
from neuroclips.loop.cortex import cortex_of, features_of, silenced
from neuroclips.loop.domain import BEYOND, domain_of
from neuroclips.loop.film import PER_CLIP, Film
from neuroclips.loop.save import save
from neuroclips.loop.settings import LoopConfig
from neuroclips.loop.told import VISITOR, Told
from neuroclips.metrics.scores import read
from neuroclips.simulation import films, shots

FIRST, N_CLIPS = 100, 5  # of the shipped test clips
P = film_pixels()


@pytest.fixture(scope="module")
def shown():
    """Ten seconds of a test film, and what its script says."""
    frames = films.frames("test", 0, 2.0 * FIRST, 16 * N_CLIPS, 8, P)
    scripts = [shots.shot_at("test", 0, 2.0 * (FIRST + clip) + 1) for clip in range(N_CLIPS)]
    return Film("test film", frames), [Told(shot.names[:2], shot.scene, VISITOR, "") for shot in scripts]


@pytest.fixture(scope="module")
def clean(shown):
    film, told = shown
    return cortex_of(1).noise_free(features_of(film, told), film.n_clips)


@pytest.fixture(scope="module")
def closed(shown):
    """Its first two seconds, decoded."""
    film, told = shown
    one = Film(film.name, film.clip(0))
    return close(one, LoopConfig(seed=1, density=0.5, repeats=3), told=told[:1])


def test_a_shipped_clip_comes_back_as_its_stored_sample(shown, clean, data):
    stored = np.stack([data.sample(1, FIRST + clip).voxels.numpy() for clip in range(N_CLIPS)])
    measured = cortex_of(1).measured(clean, 1.0, 10)
    own = [float(np.corrcoef(*pair)[0, 1]) for pair in zip(measured, stored, strict=True)]
    other = [float(np.corrcoef(*pair)[0, 1]) for pair in zip(measured, stored[::-1], strict=True)]
    assert np.mean(own) > 0.65 and np.mean(own) > np.mean(other) + 0.2
    assert correlation(clean, stored) > np.mean(own)  # noise was in the way
    assert 0.8 < measured.std() / stored.std() < 1.25


def test_noise_grows_with_noise_and_falls_with_repeats(clean):
    cortex = cortex_of(1)
    assert cortex.measured(clean, 0.0, 1) is clean
    one, ten, loud = (cortex.measured(clean, *asked) for asked in ((1.0, 1), (1.0, 10), (4.0, 1)))
    recovered = [correlation(clean, samples) for samples in (loud, one, ten)]
    assert 0 < recovered[0] < recovered[1] < recovered[2] < 1
    assert np.var(one - clean) / np.var(ten - clean) == pytest.approx(10, rel=0.35)
    assert (cortex.measured(clean, 1.0, 1, seed=5) != one).mean() > 0.99
    drawn, _ = module._noise(1, 0, 10)
    assert np.var(drawn) == pytest.approx(1.1, rel=0.1)  # 1, and what detrending leaves of the drift


def test_what_is_silenced_is_nested_and_nothing(clean):
    some, kept = silenced(clean, 0.2, 3)
    more, _ = silenced(clean, 0.6, 3)
    assert kept.mean() == pytest.approx(0.2, abs=0.001) and not some[:, ~kept].any()
    assert ((some == 0) | (some == more)).all() and (silenced(clean, 1.0, 3)[0] == clean).all()


def test_semantic_areas_hear_what_they_are_told_and_others_see_the_pixels(shown, clean):
    film, told = shown
    cortex = cortex_of(1)
    silent = [Told((), None, VISITOR, "nothing")] * film.n_clips
    other = cortex.noise_free(features_of(film, silent), film.n_clips)
    moved = np.abs(other - clean).max(0) > 1e-6
    hears = np.abs(cortex.encoder.weights["semantic"]).max(0) > 0
    assert (moved == hears).all() and 0.2 < hears.mean() < 0.8


def test_a_loop_is_told_whole_and_scored_as_clips_are(closed, judges, pipeline):
    record = closed.record()
    assert json.loads(json.dumps(record, allow_nan=True))["label"].startswith("simulated")
    assert record["told"] == [{"shows": str(closed.told[0]), "by": VISITOR, "words": ""}]
    assert record["voxels"]["kept"] == round(record["voxels"]["of"] / 2)
    assert record["domain"]["known"] and record["domain"]["sentence"].startswith("Like the training films")
    assert set(record["recovery"]) == {"all", "early visual", "motion", "semantic"}
    scores = read(record["scores"])
    assert scores.video.psnr > scores.flat_colour.psnr and scores.video.frame_2_way > 0.5
    assert closed.video.shape == (16, 3, P, P)


def test_noise_is_nothing_like_the_training_films(judges, pipeline):
    frames = {"black": np.zeros((16, P, P, 3), np.uint8)}
    frames["noise"] = np.random.default_rng(0).integers(0, 256, (16, P, P, 3), dtype=np.uint8)
    for name, pixels in frames.items():
        found = domain_of(Film(name, pixels), judges.frame, pipeline.codec)
        assert not found.is_known and "expect nonsense" in found.sentence
        assert cortex_of(1).noise_free(features_of(Film(name, pixels), [Told((), None, VISITOR, "")]), 1).shape[0] == 1


def test_each_clip_is_judged_by_itself_and_named(shown, judges, pipeline):
    """The mean over clips would hide the odd one, and a film of more clips would be announced less often."""
    film, _ = shown
    frames = film.frames.copy()
    frames[PER_CLIP : 2 * PER_CLIP] = np.random.default_rng(0).integers(0, 256, (PER_CLIP, P, P, 3), dtype=np.uint8)
    alone = domain_of(Film("noise", frames[PER_CLIP : 2 * PER_CLIP]), judges.frame, pipeline.codec)
    found = domain_of(Film("mixed", frames), judges.frame, pipeline.codec)
    assert not domain_of(film, judges.frame, pipeline.codec).beyond
    assert found.beyond == (1,) and found.sentence.startswith("Clip 1 of 5 is nothing like the training films")
    assert alone.sentence.startswith("Nothing like the training films: expect nonsense")
    for one, many in zip(alone.measures, found.measures, strict=True):
        assert len(many.values) == N_CLIPS and (one.beyond != ()) == (1 in many.beyond)
    assert BEYOND / 100 <= found.alarms <= len(found.measures) * BEYOND / 100 + 0.005  # of single clips, by any cut
    assert f"{found.alarms:.1%}" in found.sentence


def test_files_hold_what_was_made(closed, tmp_path, data):
    save(tmp_path, closed)
    assert {p.name for p in tmp_path.iterdir()} == {
        "ground_truth.mp4", "video.mp4", "blurry.mp4", "keyframe_0.png", "samples.npz", "loop.json"
    }  # fmt: skip
    again = FileDataset(tmp_path / "samples.npz")
    assert (again.sample(1, 0).voxels.numpy() == closed.samples[0]).all()
    assert (again.vertex_index(1) == data.vertex_index(1)).all()


def test_the_page_gets_the_same_as_bytes(closed):
    from neuroclips.ui import loop_job
    from neuroclips.ui.loop_films import FILMS

    word = FILMS.add(closed.film)
    key, start = loop_job.job(word, closed.config)
    FILMS.put(word, key, loop_job.files_of(closed))
    *_, last = start()  # kept, so that nothing is computed
    assert last["record"]["seed"] == 1 and set(last["files"]) >= {"video.mp4", "blurry.mp4", "keyframe_0.webp"}
    held = FILMS.of(word).results[key]
    maps = [np.frombuffer(gzip.decompress(held[f"{name}.bin"]), np.uint8) for name in ("noise_free", "measured")]
    assert [len(each) for each in maps] == [59_412] * 2
    index = closed.cortex.vertex_index
    for each, there in zip(maps, (slice(None), closed.kept), strict=True):
        assert (each[index[there]] > 0).all() and 0 < (each > 0).mean() < 0.5  # neighbours take the nearest voxel's
    FILMS.forget(word)
    with pytest.raises(InputError, match="not held any more"):
        loop_job.job(word, closed.config)


def test_subjects_without_a_decoder_are_refused():
    with pytest.raises(InputError, match="got subject 9, expected one of the simulated subjects: 1, 2, 3"):
        cortex_of(9)
