"""Films as a browser shows them."""

import base64

import pytest

from neuroclips.media import write_video
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
  video.play();
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
