"""Any film file: whatever its codec, size, rate and shape it becomes what is shown, or is refused in one line."""

from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from neuroclips.errors import InputError
from neuroclips.film_size import film_pixels
from neuroclips.loop import film as module
from neuroclips.loop.film import read_film

P = film_pixels()


def bar(n_frames, height=48, width=64, fps=8):
    """A white bar over black that stands at the second of each frame: frames (n_frames, H, W, 3)."""
    frames = np.zeros((n_frames, height, width, 3), np.uint8)
    for i in range(n_frames):
        frames[i, : height * (1 + int(i / fps)) // 12] = 255
    return frames


def written(path, frames, fps, codec="libx264", size=None, **stream_values):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(fps).limit_denominator(1001))
        stream.height, stream.width, stream.pix_fmt = *(size or frames.shape[1:3]), "yuv420p"
        for name, value in stream_values.items():
            setattr(stream, name, value)
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode())
    return path


def seconds_shown(film):
    """Which second of `bar` each frame shows."""
    bright = (film.frames[:, :, P // 2] > 127).all(-1).mean(1)  # share of rows
    return np.rint(12 * bright).astype(int) - 1


@pytest.mark.parametrize(("name", "fps", "codec"), [
    ("a.mp4", 30, "libx264"), ("a.mov", 24, "libx264"), ("a.webm", 25, "libvpx-vp9"), ("a.avi", 12, "mpeg4"),
    ("a.mkv", 60, "libx264"),
])  # fmt: skip
def test_every_rate_and_codec_shows_each_moment_at_its_time(tmp_path, name, fps, codec):
    film = read_film(written(tmp_path / name, bar(4 * fps, fps=fps), fps, codec))
    assert film.frames.shape == (4 * 8, P, P, 3) and film.n_clips == 2
    assert seconds_shown(film).tolist() == np.repeat(range(4), 8).tolist()
    assert film.notes == ("64 x 48 pixels: the square of 48 in the middle is shown, the rest is cut off",)


def test_bytes_in_memory_are_read_as_the_file_is(tmp_path):
    path = written(tmp_path / "a.mp4", bar(32), 8)
    assert (read_film(path.read_bytes(), "a.mp4").frames == read_film(path).frames).all()


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_animations_last_as_they_say(tmp_path, suffix):
    pictures = [Image.fromarray(frame) for frame in bar(20, 64, 64, fps=10)]
    path = tmp_path / f"a.{suffix}"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, lossless=True)
    film = read_film(path)
    assert film.n_clips == 1 and not film.notes and seconds_shown(film).tolist() == [0] * 8 + [1] * 8


def test_what_is_too_long_is_cut_and_said(tmp_path):
    long = read_film(written(tmp_path / "a.mp4", bar(26 * 5, fps=5), 5))
    assert long.n_clips == 5 and long.notes[0] == "longer than 10 s: its first 10 s are shown"
    odd = read_film(written(tmp_path / "b.mp4", bar(36, 48, 48), 8))
    assert odd.n_clips == 2 and odd.notes == ("4.50 s long: its first 4 s are shown, whole clips of 2 s",)


def test_pixels_that_are_not_square_are_stretched(tmp_path):
    path = written(tmp_path / "a.mp4", bar(16, 64, 32), 8, sample_aspect_ratio=Fraction(2, 1))
    assert not read_film(path).notes  # 32 wide pixels of twice the width: a square


def test_pictures_that_last_unevenly_stand_until_the_next(tmp_path):
    pictures = [Image.fromarray(np.full((32, 32, 3), level, np.uint8)) for level in (0, 120, 250)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=[500, 1000, 500])
    levels = read_film(tmp_path / "a.gif").frames[:, 8, 8, 0]
    assert levels.tolist() == [0] * 4 + [120] * 8 + [250] * 4


def refused(path, complaint, name=""):
    with pytest.raises(InputError, match=complaint) as error:
        read_film(path, name)
    assert "\n" not in str(error.value)


def test_what_is_no_film_is_refused_in_one_line(tmp_path, monkeypatch):
    refused(written(tmp_path / "a.mp4", bar(12), 8), r"a.mp4: got a film of 1.50 s, expected a film of at least 2 s")
    Image.new("RGB", (32, 32)).save(tmp_path / "a.gif")
    refused(tmp_path / "a.gif", "expected a film of at least 2 s")
    (tmp_path / "a.txt").write_text("hello", encoding="utf-8")
    refused(tmp_path / "a.txt", "a.txt")
    refused(b"hello", "^mine.mp4", "mine.mp4")
    refused(b"GIF89a broken", "^mine.gif", "mine.gif")
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=8000)
        sound.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(sound.encode(frame))
    refused(tmp_path / "a.wav", "a file without pictures")
    monkeypatch.setattr(module, "LARGEST", 40)
    refused(written(tmp_path / "b.mp4", bar(16), 8), "got 64 x 48 pixels, expected at most 40 a side")
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_PIXELS", 5000)
    refused(tmp_path / "b.mp4", "got more pixels than")


def test_a_large_animation_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    pictures = [Image.new("L", (300, 300), 20 * level) for level in range(12)]
    for suffix in ("gif", "webp"):
        path = tmp_path / f"a.{suffix}"
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=200, lossless=True)
        assert read_film(path).n_clips == 1
    monkeypatch.setattr(module, "MOST_ANIMATED", 5 * 300 * 300)
    refused(tmp_path / "a.gif", "a.gif: got more pixels than")
    refused(tmp_path / "a.webp", "a.webp: got more pixels than")


def test_pixels_that_are_wide_beyond_measure_are_bounded(tmp_path, monkeypatch):
    path = written(tmp_path / "a.mp4", bar(16, 64, 32), 8, sample_aspect_ratio=Fraction(9, 1))
    monkeypatch.setattr(module, "LARGEST", 100)
    assert read_film(path).notes == ("100 x 64 pixels: the square of 64 in the middle is shown, the rest is cut off",)


def test_of_a_film_that_ends_too_early_what_there_is_is_shown(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (32, 64, 64, 3), np.uint8)
    data = written(tmp_path / "a.mkv", noise, 8).read_bytes()
    assert read_film(data, "a.mkv").n_clips == 2 and read_film(data[: len(data) * 3 // 4], "a.mkv").n_clips == 1
