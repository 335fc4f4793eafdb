"""What is encoded, and by which part of a zoo."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neuroclips.train.targets import encoders, pairs, targets
from neuroclips.zoo import Zoo, load_part, zoo_named

SENTENCES = ("a dog running in a park", "a red car on a road", "a boat at sea")


class Films:
    """Two training films of noise, each frame with a caption of its own."""

    name, key, n_films = "noise", "0", 2

    def frames(self, clip):
        return torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(clip))

    def captions(self, clip):
        return [SENTENCES[(clip + i) % 3] for i in range(6)]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))


def halved(zoo: Zoo) -> Zoo:
    """The same zoo with a CLIP that sees half of the contrast, as the paper's does."""
    parts = (replace(p, kind="open_clip halved") if p.role == "clip" else p for p in zoo.parts)
    return replace(zoo, parts=tuple(parts))


def test_targets_and_pairs_are_of_the_same_contrast(cache, monkeypatch):
    """(x + 1) / 2 of pixels in [0, 1], as the released code does, for what is decoded and for the projector."""
    monkeypatch.setattr(pairs, "N_WEB", 48), monkeypatch.setattr(pairs, "N_HELD", 8)
    zoo, clip = zoo_named(), load_part(zoo_named(), "clip")
    source = pairs._Web()
    for table, shown in ((zoo, lambda x: x), (halved(zoo), lambda x: (x + 1) / 2)):
        made = torch.from_numpy(targets.tokens(Films(), table)[5].astype(np.float32))
        assert torch.allclose(made, clip.image_tokens(shown(Films().frames(5))).cpu(), atol=5e-3)
        means = torch.from_numpy(pairs.encoded(table, None)[0][:16].astype(np.float32))
        assert torch.allclose(means, clip.image_tokens(shown(source.pixels(range(16)))).mean(1).cpu(), atol=5e-3)


def test_tokens_of_either_contrast_have_files_of_their_own():
    zoo = zoo_named()
    assert encoders.weights_key(zoo.part("clip")) != encoders.weights_key(halved(zoo).part("clip"))


def test_the_projector_holds_out_two_times_300_captions_that_are_all_different(cache, monkeypatch):
    monkeypatch.setattr(pairs, "N_WEB", 200), monkeypatch.setattr(pairs, "N_HELD", 40)
    source = pairs._Web()
    held = [source.captions(row)[0] for row in range(160, 200)]
    assert len(set(held)) == 40 and sorted(source._order) == list(range(200))
    monkeypatch.setattr(pairs, "N_HELD", 200)
    with pytest.raises(ValueError, match="different captions of 200 web shots, expected 200"):
        pairs._Web()


def test_every_frame_has_the_embedding_of_its_own_caption(cache):
    texts, clip = targets.texts(Films(), zoo_named()), load_part(zoo_named(), "clip")
    assert texts.shape == (480, 6, clip.text_embeddings(["a dog"]).shape[1])
    known = clip.text_embeddings(SENTENCES).cpu().numpy()
    for row, frame in ((0, 0), (7, 4), (479, 5)):
        assert np.allclose(texts[row, frame], known[(row + frame) % 3], atol=1e-3)
