"""Films as a browser shows them: colours, and the frame that was asked for."""

import base64

import pytest
import torch

from neuroclips.media import QUICK, SMALL, write_video
from tests.test_media import PATCHES, patch_film
from tests.ui.chromium import open_tab

SHOWN = """async (source) => {
  const video = document.createElement("video");
  const shown = new Promise((done, failed) => {
    video.requestVideoFrameCallback(done);
    video.onerror = () => failed(new Error(video.error.message));
  });
  Object.assign(video, { muted: true, loop: true, src: source });
  document.body.replaceChildren(video);
  video.play().catch(() => {});  // the next film may come before this one plays
  await shown;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const middle = context.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data;
  return [canvas.height, canvas.width, ...middle.slice(0, 3)];
}"""  # rows, columns and the colour in the middle


@pytest.mark.browser
def test_chromium_shows_pure_colours_at_every_size(tmp_path):
    """It guesses the matrix of a film that names none by its height."""
    with open_tab() as tab:
        for height, width in ((96, 96), (128, 128), (480, 640), (720, 1280)):
            for name, colour in PATCHES.items():
                film = write_video(tmp_path / "film.mp4", patch_film(name, height, width), 8).read_bytes()
                *size, r, g, b = tab.evaluate(SHOWN, "data:video/mp4;base64," + base64.b64encode(film).decode())
                wrong = [abs(got - 255 * right) for got, right in zip((r, g, b), colour, strict=True)]
                assert size == [height, width] and max(wrong) <= 3, (name, height, (r, g, b))


LANDED = """async ([source, times]) => {
  const video = document.createElement("video"), canvas = document.createElement("canvas");
  const done = name => new Promise(resolve => video.addEventListener(name, resolve, { once: true }));
  const paints = frame => new Promise(resolve => {
    const look = (_, { mediaTime }) => Math.floor(8 * mediaTime + 0.1) === frame ? resolve() : again();
    const again = () => video.requestVideoFrameCallback(look);
    again();
  });
  const ready = done("loadeddata");
  Object.assign(video, { muted: true, src: source });
  await ready;
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  const context = canvas.getContext("2d"), greys = [video.duration];
  for (const time of times) {
    const frame = Math.floor(8 * time), painted = frame === Math.floor(8 * video.currentTime) ? null : paints(frame);
    const landed = done("seeked");
    video.currentTime = time;
    await landed;
    await Promise.race([painted, new Promise(resolve => setTimeout(resolve, 2000))]);
    context.drawImage(video, 0, 0);
    greys.push(context.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[0]);
  }
  return greys;
}"""  # seconds of the film, then the grey in the middle after each jump


@pytest.mark.browser
@pytest.mark.parametrize("encoding", [QUICK, SMALL], ids=["quick", "small"])
def test_chromium_lands_on_every_frame_of_either_encoding(tmp_path, encoding):
    """Backwards, too: the player pulls films to each other and scrubs them."""
    greys = torch.linspace(0.1, 0.9, 16)[torch.randperm(16, generator=torch.Generator().manual_seed(0))]
    film = torch.rand(16, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    film[:, :, 48:80, 48:80] = greys.view(16, 1, 1, 1)
    stored = base64.b64encode(write_video(tmp_path / "film.mp4", film, 8, encoding).read_bytes()).decode()
    order = [*range(16), *reversed(range(16))]
    with open_tab() as tab:
        source = "data:video/mp4;base64," + stored
        seconds, *got = tab.evaluate(LANDED, [source, [(frame + 0.5) / 8 for frame in order]])
    assert seconds == pytest.approx(2, abs=0.01)
    assert max(abs(grey - 255 * greys[frame].item()) for grey, frame in zip(got, order, strict=True)) < 6
