"""Train the demo CLIP (open_clip) on web frames and their captions: python -m neuroclips train --stage zoo-clip."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import open_clip
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from neuroclips.files import whole_files, write_json
from neuroclips.pretrained.clip import OpenClip
from neuroclips.train.demo_zoo.scores import clip_scores
from neuroclips.train.engine import draws
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.engine.start import load_weights
from neuroclips.train.spec import RECIPE as RECIPE_OPTIONS
from neuroclips.train.spec import StageSpec
from neuroclips.train.targets.words import FRAMINGS, build_tokenizer, distinct
from neuroclips.web.films import held_out_frames, load, to_pixels

RECIPE = Recipe(steps=1500, learning_rate=1e-3, batch_size=128, weight_decay=0.1, ema=0.998, validate_every=250)
N_SHOTS = 16_000


@dataclass(frozen=True)
class ClipConfig:
    """open_clip's architecture JSON: 16 image tokens of width 128, words of width 128, joint space of 96."""

    embed_dim: int = 96
    vision_cfg: dict = field(
        default_factory=lambda: {
            "image_size": 64,
            "patch_size": 16,
            "width": 128,
            "head_width": 32,
            "layers": 6,
            "pool_type": "avg",
        }
    )
    text_cfg: dict = field(
        default_factory=lambda: {
            "context_length": 20,
            "vocab_size": 0,
            "width": 128,
            "heads": 4,
            "layers": 4,
            "hf_tokenizer_name": "words",
        }
    )


CONFIG = "open_clip_config.json"


def write_architecture(folder: Path) -> None:
    """Write the JSON and the tokenizer that `OpenClip.from_pretrained` rebuilds the model from."""
    tokenizer = build_tokenizer()
    model_cfg = asdict(ClipConfig())
    model_cfg["text_cfg"]["vocab_size"] = len(tokenizer)
    preprocess = {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bicubic"}
    config = {"model_cfg": model_cfg, "preprocess_cfg": preprocess}
    write_json(folder / CONFIG, config)
    tokenizer.save_pretrained(folder)


def _copy_architecture(start: Path, folder: Path) -> None:
    for path in start.iterdir():
        if path.is_file() and path.suffix != ".safetensors" and path.name != "training.json":
            shutil.copy(path, folder)


class ClipJob(Job):
    """CLIP's contrastive loss; sentences that are equal count as equally right.

    From `start`, the words and their tower are kept and only the image tower is trained (Zhai et al. 2022, LiT):
    what is conditioned on words still knows them.
    """

    bars = {"class": 0.95, "scene": 0.95, "caption to frame": 0.8}
    web_shots, n_samples = (0, N_SHOTS), N_SHOTS

    def __init__(self, out: Path, start: Path | None = None):
        self.out, self.architecture = out, TemporaryDirectory()  # beside the weights when they are there
        home = Path(self.architecture.name)
        if start is None:
            write_architecture(home)
        else:
            _copy_architecture(start, home)
        name = f"local-dir:{home}"
        self.clip = OpenClip(open_clip.create_model(name, load_weights=False), open_clip.get_tokenizer(name))
        self.modules = {"clip": self.clip.model}
        if start:
            load_weights(self.modules, start)
            self.clip.model.requires_grad_(False)
            self.clip.model.visual.requires_grad_(True)
            self.clip.model.logit_scale.requires_grad_(True)
        frames, shots = load(N_SHOTS, 1)
        known, which = distinct(framing + shot.caption for framing in FRAMINGS for shot in shots)
        words = self.clip.words(known)[which].unflatten(0, (len(FRAMINGS), -1))  # (n_framings, N, context_length)
        self.tensors = {"frames": torch.from_numpy(frames[:, 0]), "words": words}

    def loss(self, turn: Turn) -> Tensor:
        generator, device = turn.local_generator, self.device
        chosen = draws.indices(N_SHOTS, turn.local_size, generator, device)
        pixels = to_pixels(self.tensors["frames"][chosen])
        pixels = pixels * (0.85 + 0.3 * draws.uniform((len(chosen), 3, 1, 1), generator, device))  # colour jitter
        words = self.tensors["words"][draws.indices(len(FRAMINGS), len(chosen), generator, device), chosen]
        image = self.clip.image_embeddings(pixels.clamp(0, 1))
        text = self.clip.model.encode_text(words, normalize=True)
        logits = self.clip.model.logit_scale.exp().clamp(max=100) * image @ text.T  # (B, B)
        same = (words[:, None] == words[None]).all(-1).float()
        target = same / same.sum(1, keepdim=True)
        return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2

    def validate(self) -> dict[str, float]:
        """Zero-shot accuracy and retrieval on held-out web frames."""
        return clip_scores(self.clip, *held_out_frames(512))

    def export(self) -> None:
        state = {k: v.to(self.dtype).contiguous() for k, v in self.clip.model.state_dict().items()}
        with whole_files(self.out, last=CONFIG) as new:
            _copy_architecture(Path(self.architecture.name), new)
            save_file(state, new / "open_clip_model.safetensors")


STAGE = StageSpec(
    "zoo-clip",
    lambda given: ClipJob(given.out, given.start),
    {"demo": RECIPE},
    role="clip",
    options=("start", *RECIPE_OPTIONS),
)
