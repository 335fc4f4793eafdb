"""Films and pictures as files: right colours, right rates, and a refusal in one line of what is no film."""

from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from PIL import Image

from neuroclips.errors import InputError, MissingError
from neuroclips.media import read_image, read_video, to_uint8, write_image, write_video

PATCHES = {
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "yellow": (1, 1, 0),
    "white": (1, 1, 1),
    "black": (0, 0, 0),
    "grey": (0.5, 0.5, 0.5),
}
NAN, FILM = float("nan"), torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def patch_film(name, height, width, n_frames=2):
    """(n_frames, 3, height, width) of one colour."""
    return torch.tensor(PATCHES[name]).float().view(1, 3, 1, 1).expand(n_frames, 3, height, width)


def damaged(value):
    film = FILM.clone()
    film[1, 0, 3, 3] = value
    return film


@pytest.mark.parametrize("height,width", [(96, 96), (480, 640), (720, 1280)])
def test_pure_colours_come_back(tmp_path, height, width):
    for name in PATCHES:
        film = patch_film(name, height, width)
        assert (read_video(write_video(tmp_path / "film.mp4", film, 8)) - film).abs().max() * 255 <= 3, name


def test_a_film_says_which_colours_it_is_in(tmp_path):
    with av.open(str(write_video(tmp_path / "film.mp4", FILM, 8))) as container:
        context = container.streams.video[0].codec_context
        tags = context.color_primaries, context.color_trc, context.colorspace, context.color_range
        assert tags == (1, 13, 6, 1)  # BT.709, sRGB, BT.601, limited
        assert next(container.decode(video=0)).colorspace == 6


@pytest.mark.parametrize("tag,matrix", [(2, "ITU601"), (1, "ITU709")])
def test_films_of_others_are_read_by_the_matrix_they_name(tmp_path, tag, matrix):
    """Films of earlier versions name none (2) and are in BT.601."""
    for name in PATCHES:
        film = patch_film(name, 96, 96)
        rgb = av.VideoFrame.from_ndarray(to_uint8(film)[0].copy(), format="rgb24")
        with av.open(str(tmp_path / "film.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=8, options={"crf": "10"})
            stream.height, stream.width, stream.pix_fmt, stream.codec_context.colorspace = 96, 96, "yuv420p", tag
            frame = rgb.reformat(format="yuv420p", dst_colorspace=matrix)
            container.mux([*stream.encode(frame), *stream.encode()])
        assert (read_video(tmp_path / "film.mp4") - film[:1]).abs().max() * 255 <= 3, name


@pytest.mark.parametrize("fps", [8, 3, 8.0, 7.5, 23.976, 30000 / 1001, Fraction(30000, 1001), 0.5])
def test_a_film_has_the_rate_and_the_length_that_it_should(tmp_path, fps):
    with av.open(str(write_video(tmp_path / "film.mp4", FILM, fps))) as container:
        stream = container.streams.video[0]
        assert stream.frames == 4 and float(stream.average_rate) == pytest.approx(float(fps), rel=1e-6)
        assert float(stream.duration * stream.time_base) == pytest.approx(4 / float(fps), rel=1e-3)


@pytest.mark.parametrize("height,width", [(33, 32), (32, 35), (1, 1)])
def test_an_odd_size_grows_by_its_repeated_edge(tmp_path, height, width):
    ramp = torch.linspace(0.2, 0.8, width).view(1, 1, 1, width).expand(2, 3, height, width)
    read = read_video(write_video(tmp_path / "film.mp4", ramp, 8))
    assert read.shape == (2, 3, height + height % 2, width + width % 2)
    assert (read[:, :, :height, :width] - ramp).abs().max() < 0.04
    assert (read[..., -1, -1] - ramp[..., -1, -1]).abs().max() < 0.04


NO_FILMS = {
    "not a number": (damaged(NAN), "got pixels that are not numbers"),
    "infinite": (damaged(float("inf")), "got pixels that are not numbers"),
    "0 to 255": (FILM * 255, r"got pixels from 0.\d+ to 255, expected them in \[0, 1\]"),
    "-1 to 1": (FILM * 2 - 1, "got pixels from -1 to 1, expected"),
    "integers": ((FILM * 255).byte(), r"shape \(4, 3, 32, 32\) of uint8"),
    "no frames": (FILM[:0], r"shape \(0, 3, 32, 32\)"),
    "one picture": (FILM[0], r"got a film of shape \(3, 32, 32\)"),
    "a batch": (FILM[None], r"got a film of shape \(1, 4, 3, 32, 32\)"),
    "one channel": (FILM[:, :1], r"shape \(4, 1, 32, 32\)"),
    "channel last": (FILM.movedim(1, -1), r"shape \(4, 32, 32, 3\)"),
    "too wide": (torch.zeros(1, 3, 2, 16386), "at most 16,384 pixels a side"),
}


@pytest.mark.parametrize("name", NO_FILMS)
def test_what_is_no_film_is_refused_and_leaves_no_file(tmp_path, name):
    film, message = NO_FILMS[name]
    with pytest.raises(InputError, match=f"film.mp4: .*{message}"):
        write_video(tmp_path / "film.mp4", film, 8)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fps", [0, -1, NAN, float("inf"), 1e-9, 1e9, "8", None])
def test_what_is_no_rate_is_refused(tmp_path, fps):
    with pytest.raises(InputError, match=rf"film.mp4: got {fps!r} frames a second, expected 0.001 to 1,000"):
        write_video(tmp_path / "film.mp4", FILM, fps)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".png", ".webp", ".PNG", ".jpg"])
def test_a_picture_is_written_as_its_name_says(tmp_path, suffix):
    picture = patch_film("blue", 16, 16)[0]
    with Image.open(write_image(tmp_path / f"picture{suffix}", picture)) as stored:
        assert np.abs(np.asarray(stored.convert("RGB"), int) - to_uint8(picture)).max() <= 3


NO_PICTURES = {
    "film name": ("picture.mp4", FILM[0], "expected a name that ends in .png"),
    "no suffix": ("picture", FILM[0], "expected a name that ends in .png"),
    "not a number": ("picture.png", damaged(NAN)[1], "picture.png: got pixels that are not numbers"),
    "a film": ("picture.png", FILM, "picture.png: got a picture of shape"),
    "one channel": ("picture.png", FILM[0, :1], r"picture.png: got pixels of shape \(1, 32, 32\)"),
    "empty": ("picture.png", FILM[0, :, :0], r"picture.png: got pixels of shape \(3, 0, 32\)"),
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_refused_and_leaves_no_file(tmp_path, name):
    file, picture, message = NO_PICTURES[name]
    with pytest.raises(InputError, match=message):
        write_image(tmp_path / file, picture)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["empty", "text", "half", "end cut", "pointer", "folder", "missing"])
def test_a_damaged_film_is_named(tmp_path, damage):
    path = write_video(tmp_path / "film.mp4", FILM, 8)
    whole = path.read_bytes()
    path.unlink()
    contents = {"empty": b"", "text": b"no film", "half": whole[: len(whole) // 2], "end cut": whole[:-200]}
    contents["pointer"] = b"version https://git-lfs.github.com/spec/v1\n"
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(contents[damage])
    with pytest.raises(InputError, match="film.mp4.*expected a video") as caught:
        read_video(path)
    assert isinstance(caught.value, MissingError) == (damage == "missing")


def test_a_picture_reads_as_it_was_written(tmp_path):
    picture = (torch.arange(3 * 4 * 6).reshape(3, 4, 6) * 3 / 255).float()
    assert read_image(write_image(tmp_path / "p.png", picture)).allclose(picture, atol=1e-6)
    with pytest.raises(MissingError):
        read_image(tmp_path / "none.png")
    (tmp_path / "bad.webp").write_bytes(b"no picture")
    with pytest.raises(InputError, match="bad.webp"):
        read_image(tmp_path / "bad.webp")
