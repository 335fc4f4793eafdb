"""Films that nobody here made: every format, size, rate and length gives six moments; what does not read is named."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from neuroclips.errors import InputError
from neuroclips.evaluation.folders import expect_no_problems, films_by_name, films_in, pairs_in
from neuroclips.evaluation.foreign import natural, nearest, read_moments, size_of
from neuroclips.media import write_frames
from neuroclips.metrics.frames import scored_frames

SIZE = (32, 48)  # height, width


def ramp(n: int) -> np.ndarray:
    """A film uint8 (n, H, W, 3) whose frames are gray, each lighter than the one before."""
    return np.repeat(np.arange(n, dtype=np.uint8), 3 * SIZE[0] * SIZE[1]).reshape(n, *SIZE, 3) * step(n) + 10


def step(n: int) -> int:
    return 240 // n


def levels(path, n: int, **how) -> list[int]:
    """Which frames of a `ramp` of n frames were read, by their gray."""
    frames = read_moments(path, **how)
    assert frames.shape == (6, 3, *SIZE) and frames.dtype == np.uint8
    return [round((float(frame.mean()) - 10) / step(n)) for frame in frames]


def write(path, frames, codec="libx264", pts=None, pix_fmt="yuv420p", rate=8):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], pix_fmt
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for k, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = int(1000 * (k / rate if pts is None else pts[k])), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def gif(path, frames, duration=125, **how):
    first, *rest = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=rest, duration=duration, loop=0, **how)
    return path


def pictures(folder, frames, suffix=".png"):
    folder.mkdir()
    for k, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"frame{k + 1}{suffix}")
    return folder


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.MOV", "mpeg4"), ("a.mkv", "ffv1"), ("a.avi", "mpeg4"), ("a.webm", "libvpx-vp9")],
)
def test_videos_of_any_container(name, codec, tmp_path):
    assert levels(write(tmp_path / name, ramp(16), codec), 16) == scored_frames(16)


def test_animations_and_folders_of_pictures(tmp_path):
    assert levels(gif(tmp_path / "a.GIF", ramp(12)), 12) == scored_frames(12)
    assert levels(gif(tmp_path / "b.webp", ramp(5), lossless=True), 5) == scored_frames(5)
    assert levels(pictures(tmp_path / "c", ramp(24)), 24) == scored_frames(24)  # frame2 before frame10
    assert levels(pictures(tmp_path / "d", ramp(7), ".JPG"), 7) == scored_frames(7)
    assert size_of(tmp_path / "a.GIF") == size_of(tmp_path / "c") == SIZE
    assert sorted(["f10", "f2", "F1", "f2b"], key=natural) == ["F1", "f2", "f2b", "f10"]


def test_any_length(tmp_path):
    for n in (1, 2, 3, 80):  # of one picture, of few, and more than are held at once
        assert levels(pictures(tmp_path / str(n), ramp(n)), n) == scored_frames(n)
    assert levels(write(tmp_path / "long.mkv", ramp(70), "ffv1", rate=30), 70) == scored_frames(70)
    assert levels(gif(tmp_path / "long.gif", ramp(66), 40), 66) == scored_frames(66)
    assert levels(gif(tmp_path / "one.gif", ramp(1)), 1) == [0] * 6
    sixteen = (4, 6, 8, 10, 12, 14)
    assert levels(gif(tmp_path / "sixteen.gif", ramp(16)), 16, of_sixteen=sixteen) == list(sixteen)
    assert levels(tmp_path / "one.gif", 1, of_sixteen=sixteen) == [0] * 6


def test_moments_lie_evenly_in_time_whatever_the_rate_does(tmp_path):
    for n in range(1, 100):
        for rate in (1, 8, 29.97):
            assert nearest([k / rate for k in range(n)]) == scored_frames(n) == nearest([None] * n)
    assert nearest([round(k / 3, 2) for k in range(6)]) == nearest([0.0] * 6) == list(range(6))
    slow_then_fast = [0.0, 1.0, 1.2, 1.4, 1.6, 1.8]  # lasts 2 s, of which the first frame has half
    assert nearest(slow_then_fast) == [0, 0, 1, 1, 3, 4]
    assert levels(gif(tmp_path / "a.gif", ramp(6), [1000, 200, 200, 200, 200, 200]), 6) == [0, 0, 1, 1, 3, 4]
    write(tmp_path / "a.mkv", ramp(6), "ffv1", pts=slow_then_fast)
    assert levels(tmp_path / "a.mkv", 6) == [0, 0, 1, 1, 3, 4]


def test_pictures_of_any_kind(tmp_path):
    """Gray, palettes, transparency over black, 16 bits and floats in [0, 1]."""
    shown = {
        "gray": Image.new("L", SIZE[::-1], 100),
        "alpha": Image.new("RGBA", SIZE[::-1], (200, 100, 50, 51)),
        "palette": Image.new("RGB", SIZE[::-1], (30, 60, 90)).quantize(4),
        "bit": Image.new("1", SIZE[::-1], 1),
        "deep": Image.fromarray(np.full(SIZE, 257 * 77, np.uint16)),
    }
    expected = {"gray": [100] * 3, "alpha": [40, 20, 10], "palette": [30, 60, 90], "bit": [255] * 3, "deep": [77] * 3}
    for name, picture in shown.items():
        (tmp_path / name).mkdir()
        picture.save(tmp_path / name / "1.png")
        assert read_moments(tmp_path / name)[3, :, 5, 7].tolist() == expected[name], name
    (tmp_path / "float").mkdir()
    for value, says in ((0.2, ""), (np.nan, "not numbers"), (7.0, "got pixels from 7 to 7")):
        Image.fromarray(np.full(SIZE, value, np.float32)).save(tmp_path / "float" / "1.tiff")
        if says:
            with pytest.raises(InputError, match=says):
                read_moments(tmp_path / "float")
        else:
            assert read_moments(tmp_path / "float")[0, 0, 0, 0] == 51


def test_a_transparent_palette_of_a_gif_is_black(tmp_path):
    pictures_ = [Image.new("P", SIZE[::-1], k) for k in (0, 1)]
    for picture in pictures_:
        picture.putpalette([250, 240, 230, 90, 80, 70] + [0] * 762)
    pictures_[0].save(
        tmp_path / "a.gif", save_all=True, append_images=pictures_[1:], duration=100, transparency=0, disposal=2
    )
    frames = read_moments(tmp_path / "a.gif")
    assert frames[0].max() == 0 and frames[-1, :, 0, 0].tolist() == [90, 80, 70]


def test_what_does_not_read_is_named(tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no film")
    (tmp_path / "text.gif").write_text("no film")
    whole = write(tmp_path / "whole.mp4", ramp(16)).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    noisy = np.random.default_rng(0).integers(0, 256, (8, *SIZE, 3), dtype=np.uint8)
    damaged = bytearray(write_frames(tmp_path / "noisy.mp4", noisy, 8).read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 400] = b"U" * 400
    (tmp_path / "damaged.mp4").write_bytes(damaged)
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "sizes").mkdir()
    for k in (1, 2):
        Image.new("RGB", (10 * k, 10)).save(tmp_path / "sizes" / f"{k}.png")
    for name, says in {
        "empty.mp4": "got an empty file",
        "text.mp4": "does not read",
        "text.gif": "does not read",
        "cut.mp4": "does not read",
        "damaged.mp4": "(does not read|is damaged at frame)",
        "sound.mp4": "got a file without pictures",
        "torn": "1.png: got a file that does not read",
        "sizes": "got frames of 10 x 10 and 20 x 10 pixels",
    }.items():
        with pytest.raises(InputError, match=f"{name}.*{says}"):
            read_moments(tmp_path / name)


@pytest.fixture
def two(tmp_path):
    for name in ("target", "prediction"):
        (tmp_path / name).mkdir()
    return tmp_path / "target", tmp_path / "prediction"


def test_films_pair_by_stem_in_natural_order(two):
    target, prediction = two
    for k in (1, 2, 10):
        (target / f"clip{k}.mp4").touch()
        (prediction / f"clip{k}.GIF").touch()
    pictures(prediction / "clip3", ramp(1))
    (target / "clip3.webm").symlink_to(target / "clip1.mp4")
    for name in (".hidden.mp4", "._clip1.mp4", ".DS_Store"):
        (target / name).touch()
    (prediction / "notes.txt").touch()
    pairs, problems, aside = pairs_in(target, prediction)
    assert [pair.name for pair in pairs] == ["clip1", "clip2", "clip3", "clip10"]
    assert pairs[2].prediction == prediction / "clip3" and not problems and aside == ["notes.txt"]


def test_accents_pair_however_they_are_written(two):
    (two[0] / "cafe\u0301.gif").touch()
    (two[1] / "caf\u00e9.gif").touch()
    assert len(pairs_in(*two)[0]) == 1 and not pairs_in(*two)[1]


def test_every_problem_is_named_at_once(two):
    target, prediction = two
    for name in ("a.gif", "b.gif", "b.mp4", "c.gif"):
        (target / name).touch()
    for name in ("a.gif", "b.gif", "still.png"):
        (prediction / name).touch()
    (prediction / "none").mkdir()
    (prediction / "nested").mkdir()
    (prediction / "nested" / "a.mp4").touch()
    (prediction / "gone.gif").symlink_to(prediction / "nowhere")
    os.symlink("loop.gif", prediction / "loop.gif")
    pairs, problems, _ = pairs_in(target, prediction)
    assert [pair.name for pair in pairs] == ["a", "b"]
    with pytest.raises(InputError) as caught:
        expect_no_problems(problems)
    said = str(caught.value)
    assert said.startswith("got 7 problems, expected two folders of films that read, of the same names: ")
    for words in (
        "b.mp4: got a second film of the name b, beside b.gif",
        "none: got a folder without pictures",
        "nested: got a folder of films",
        "gone.gif: got a link to nothing",
        "loop.gif: got a link to nothing",
        "still.png: got a picture, expected a film",
        "prediction: no film for 1 of the other folder: c",
    ):
        assert words in said, words
    with pytest.raises(InputError, match="problem29; and 10 more|problem19; and 10 more"):
        expect_no_problems([f"problem{k}" for k in range(30)])
    assert expect_no_problems([]) is None


def test_a_folder_that_is_none_or_empty(two):
    assert "got no film" in films_in(two[0]).problems[0]
    (two[0] / "file").touch()
    with pytest.raises(InputError, match="no folder"):
        films_in(two[0] / "nothing")
    with pytest.raises(InputError, match="got a file, expected a folder"):
        films_in(two[0] / "file")


def test_names_tell_which_film_a_clip_is_of():
    named = [f"seg{film}_{clip:04}" for film in (1, 2) for clip in range(12)]
    assert films_by_name(named).tolist() == [0] * 12 + [1] * 12
    assert not films_by_name(named[:20]).any()  # the second has but eight
    assert not films_by_name([str(k) for k in range(30)]).any() and not films_by_name(["a dog", "a cat"]).any()
