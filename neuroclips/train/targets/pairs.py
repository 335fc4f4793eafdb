"""Image-caption pairs: web frames of the demo zoo, or MSCOCO. What the text projector learns from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from neuroclips.errors import InputError, MissingError
from neuroclips.train.targets import targets
from neuroclips.train.targets.encoders import weights_key
from neuroclips.web import films as webdata
from neuroclips.zoo import DEFAULT, Zoo, load_part

N_WEB, N_HELD = 16_000, 600


def encoded(zoo: Zoo, coco: Path | None) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean image tokens (n, clip_dim) and caption embeddings (n, n_captions, embed_dim), and how many are for training.

    Tokens come from the CLIP of the zoo, as those that are decoded do.

    `coco` is a folder with captions_*.json and the images it names; without it, web frames of the simulated films. The
    pairs after the training ones are held out. Raises InputError when the paper zoo is given no folder.
    """
    if coco is None and zoo.name != DEFAULT:
        raise InputError("got no image-caption pairs: pass a folder with MSCOCO captions_*.json and images by --source")
    source = _Web() if coco is None else _Coco(coco)
    key = f"{source.name}_{weights_key(zoo.part('clip'))}"

    def images():
        clip = load_part(zoo, "clip")
        return lambda rows: clip.image_tokens(source.pixels(rows)).mean(1)

    def sentences():
        clip = load_part(zoo, "clip")
        return lambda rows: torch.stack([clip.text_embeddings(source.captions(i)) for i in rows])

    means = targets.encoded(f"pairs_images_{key}", len(source), images)
    texts = targets.encoded(f"pairs_texts_{key}", len(source), sentences)
    return means, texts, len(source) - N_HELD


class _Web:
    """Web shots with one caption each; the last captions, which are held out, are all different."""

    def __init__(self):
        self.name = f"web{N_WEB}-{N_HELD}"
        self._frames, self._shots = webdata.load(N_WEB, 1)
        held: dict[str, int] = {}
        for i, shot in enumerate(self._shots):
            held.setdefault(shot.caption, i)
        last = sorted(held.values())[-N_HELD:]
        if len(last) < N_HELD:
            raise InputError(f"got {len(last)} different captions of {N_WEB} web shots, expected {N_HELD} to hold out")
        self._order = [i for i in range(N_WEB) if i not in set(last)] + last

    def __len__(self) -> int:
        return N_WEB

    def pixels(self, rows: range) -> torch.Tensor:
        return webdata.to_pixels(self._frames[[self._order[i] for i in rows], 0])

    def captions(self, row: int) -> list[str]:
        return [self._shots[self._order[row]].caption]


class _Coco:
    """MSCOCO: five captions of every image, cropped to a square."""

    def __init__(self, folder: Path):
        files = sorted(folder.glob("**/captions_*.json"))
        if not files:
            raise MissingError(f"no captions_*.json in {folder}: expected MSCOCO's captions and its images")
        content = json.loads(files[0].read_text(encoding="utf-8"))
        self.name = f"coco-{files[0].stem}"
        self._captions: dict[int, list[str]] = {}  # by image
        for note in content["annotations"]:
            self._captions.setdefault(note["image_id"], []).append(note["caption"])
        found = {p.name: p for p in folder.rglob("*.jpg")}
        self._images = [(i["id"], found[i["file_name"]]) for i in content["images"] if i["file_name"] in found]
        if len(self._images) <= N_HELD:
            raise InputError(
                f"got {len(self._images)} images of {files[0].name} in {folder}, expected more than {N_HELD}"
            )

    def __len__(self) -> int:
        return len(self._images)

    def pixels(self, rows: range) -> torch.Tensor:
        from torchvision.io import ImageReadMode, decode_image
        from torchvision.transforms.v2.functional import center_crop, resize

        images = [decode_image(str(self._images[i][1]), ImageReadMode.RGB) for i in rows]
        return torch.stack([center_crop(resize(x, [224], antialias=True), [224, 224]) for x in images]).float() / 255

    def captions(self, row: int) -> list[str]:
        """Five of them; of images with fewer, some twice."""
        known = self._captions[self._images[row][0]]
        return [known[i % len(known)] for i in range(5)]
