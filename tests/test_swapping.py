"""The models that docs/models.md swaps in are taken from the page and run, at tiny sizes."""

import re
from dataclasses import replace

import pytest
import torch
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

from neuroclips.errors import InputError
from neuroclips.paths import ROOT
from neuroclips.pipeline import load_pipeline
from neuroclips.placement import placement_of
from neuroclips.types import FmriSample
from neuroclips.zoo import KINDS, ZOOS
from tests.paper_zoo import EYES, FILM, TOWER, save_reconstructors

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
SAMPLE = FmriSample(torch.randn(20, generator=torch.Generator().manual_seed(0)), 1, 0)


@pytest.fixture
def follow(paper, tmp_path, monkeypatch):
    """Does what a section of the page tells: writes its file, runs its rows with other folders; gives the pipeline."""

    def follow(title, name, folder):
        file, rows = re.findall(r"```python\n(.*?)```", PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0], re.DOTALL)
        written = re.match(r"# (\w+\.py)\n", file)[1]
        (tmp_path / written).write_text(file, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        exec(re.sub(r"/models/[\w-]+", str(folder), rows), {})  # noqa: S102 - what a reader would type
        return load_pipeline(name, save_reconstructors(tmp_path / "own", 20), "cpu")

    before = dict(KINDS), dict(ZOOS)
    yield follow
    for table, rows in zip((KINDS, ZOOS), before, strict=True):
        table.clear()
        table.update(rows)


@pytest.fixture
def small_blip(tmp_path):
    """A tiny BLIP in the files of the hub's."""
    home = tmp_path / "blip"
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", *(chr(c) for c in range(97, 123))]
    vocab = {word: i for i, word in enumerate(known)}
    torch.manual_seed(0)
    words = TOWER | {"vocab_size": len(known), "bos_token_id": 5, "sep_token_id": 3, "eos_token_id": 3}
    config = BlipConfig(text_config=words | {"encoder_hidden_size": 16, "pad_token_id": 0}, vision_config=EYES)
    BlipForConditionalGeneration(config).save_pretrained(home)
    processor = BlipProcessor(BlipImageProcessor(size={"height": 32, "width": 32}), BertTokenizer(vocab))
    processor.save_pretrained(home)
    return home


def test_the_captioner_of_the_page_captions(follow, small_blip):
    pipeline = follow("Swap the captioner", "blip", small_blip)
    made = pipeline(SAMPLE)
    assert made.settings.captioner == "blip" and isinstance(made.caption, str) and len(made.caption.split()) <= 20
    assert type(pipeline.captioner("blip")).__name__ == "SmallBlip" and made.video.isfinite().all()


def test_the_video_model_of_the_page_makes_films(follow, tmp_path):
    pipeline = follow("Swap the video model", "blurred", tmp_path)
    made = pipeline(SAMPLE)
    assert type(pipeline.video_model("blurred")).__name__ == "VideoToVideo"
    assert made.video.shape == (8, 3, FILM, FILM) and made.video.isfinite().all() and made.video.std() > 0.01
    assert torch.equal(made.video, pipeline(SAMPLE).video)
    turns = placement_of(pipeline.zoo, "cpu", memory="in turn")
    assert torch.equal(made.video, load_pipeline("blurred", tmp_path / "own", placement=turns)(SAMPLE).video)
    without = replace(pipeline.zoo.settings, guidance=replace(pipeline.zoo.settings.guidance, alpha=False))
    with pytest.raises(InputError, match="got no blurry video, expected one"):
        pipeline(SAMPLE, without)
