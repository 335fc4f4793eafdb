"""MSCOCO's captions and pictures, which are a user's files: what is damaged is named."""

import json

import pytest
from PIL import Image

from neuroclips.errors import InputError, MissingError
from neuroclips.train.targets import pairs
from tests.data.builders import DAMAGES


@pytest.fixture
def coco(tmp_path, monkeypatch):
    """Three pictures with captions, of which one is held out; one more has none."""
    monkeypatch.setattr(pairs, "N_HELD", 1)
    images = [{"id": i, "file_name": f"{i}.jpg"} for i in range(4)]
    notes = [{"image_id": i, "caption": f"picture {i}"} for i in range(3)]
    (tmp_path / "captions_val.json").write_text(json.dumps({"images": images, "annotations": notes}))
    for i in range(4):
        Image.new("RGB", (300, 260), (60 * i, 0, 0)).save(tmp_path / f"{i}.jpg")
    return tmp_path


def test_pictures_with_captions_are_read(coco):
    source = pairs._Coco(coco)
    assert len(source) == 3 and source.captions(2) == 5 * ["picture 2"]
    pixels = source.pixels(range(1, 3))
    assert pixels.shape == (2, 3, 224, 224) and pixels[1, 0].mean().item() == pytest.approx(120 / 255, abs=0.02)


@pytest.mark.parametrize(
    "damage", [*DAMAGES, "[]", "{}", '{"images": 3, "annotations": []}', '{"images": [], "annotations": [{}]}']
)
def test_damaged_captions_are_named(coco, damage):
    path = coco / "captions_val.json"
    path.write_bytes(DAMAGES[damage](path.read_bytes()) if damage in DAMAGES else damage.encode())
    with pytest.raises(InputError, match=r"captions_val\.json: got") as caught:
        pairs._Coco(coco)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["empty", "junk", "text"])
def test_a_damaged_picture_is_named(coco, damage):
    source = pairs._Coco(coco)
    (coco / "1.jpg").write_bytes(DAMAGES[damage]((coco / "1.jpg").read_bytes()))
    with pytest.raises(InputError, match=r"1\.jpg: got .*expected a picture"):
        source.pixels(range(3))


def test_a_folder_without_captions_is_named(tmp_path):
    with pytest.raises(MissingError, match=r"no captions_\*\.json"):
        pairs._Coco(tmp_path)
