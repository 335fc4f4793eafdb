"""Doors: a wrapper moves, resizes and casts what it is given, whatever its own device, size and dtype are.

On the meta device there are no numbers, only shapes and devices, and a tensor that was left on the CPU is refused: what
is found here would fail on an accelerator.
"""

import copy
from contextlib import suppress

import pytest
import torch

from neuroclips.film_size import film_pixels
from neuroclips.noise import seeded
from neuroclips.zoo import load_part, zoo_named

FRAMES = torch.rand(2, 3, 50, 70, generator=torch.Generator().manual_seed(0))  # no wrapper's own size
TOKENS = torch.rand(2, 16, 128, generator=torch.Generator().manual_seed(0))
STEPS = {"num_inference_steps": 3, "guidance_scale": 2.0, "generators": [seeded(0), seeded(1)]}
CALLS = {
    "codec": {
        "encode": lambda codec: codec.encode(FRAMES[:, :, :48, :64].expand(3, 2, -1, -1, -1)),
        "decode": lambda codec: codec.decode(torch.rand(3, 2, 8, 5, 7)),
    },
    "clip": {
        "tokens": lambda clip: clip.image_tokens(FRAMES),
        "embeddings": lambda clip: clip.image_embeddings(FRAMES),
        "projected mean": lambda clip: clip.projected_mean(TOKENS),
        "sentences": lambda clip: clip.text_embeddings(["a dog", "a cat"]),
    },
    "text encoder": {"words": lambda text: text.text_tokens(["a dog"])},
    "frame judge": {"logits": lambda judge: judge(FRAMES)},
    "video judge": {"logits": lambda judge: judge(FRAMES[:, None].expand(-1, 6, -1, -1, -1))},
    "keyframes": {
        solver: lambda make, solver=solver: make(TOKENS, FRAMES, start=0.65, solver=solver, **STEPS)
        for solver in ("euler", "ddim", "dpm")
    },
    "video": {
        solver: lambda make, solver=solver: make(
            ["a dog", "a cat"],
            FRAMES,
            FRAMES[:, None].expand(-1, 6, -1, -1, -1),
            n_video_frames=4,
            theta=0.3,
            start=0.5,
            solver=solver,
            **STEPS,
        )
        for solver in ("euler", "ddim", "dpm")
    },
    "prior": {"sample": lambda prior: prior.sample(TOKENS.to(prior.mean.device), 4, STEPS["generators"], 2)},
}


@pytest.mark.parametrize("role", CALLS)
def test_nothing_is_left_on_the_cpu(role):
    model = copy.deepcopy(load_part(zoo_named(), role, "cpu", subject=1 if role == "prior" else None)).to("meta")
    for name, call in CALLS[role].items():
        made = call(model)
        assert made.device.type == "meta" and made.dtype == torch.float32, name


@pytest.mark.parametrize("role", [role for role in CALLS if role != "prior"])
def test_half_precision_gives_float32(role):
    model = copy.deepcopy(load_part(zoo_named(), role, "cpu")).to(torch.bfloat16)
    for name, call in CALLS[role].items():
        made = call(model)
        assert made.dtype == torch.float32 and torch.isfinite(made).all(), name


@pytest.mark.parametrize("name", zoo_named().captioners)
def test_what_a_captioner_reads_is_where_it_is(name, monkeypatch):
    """A sentence is read off number by number, which the meta device has none of: what goes in is looked at."""
    captioner, given = copy.deepcopy(load_part(zoo_named(), f"captioner/{name}", "cpu")).to("meta"), []

    def generate(*tensors, **options):
        given.extend(x for x in (*tensors, *options.values()) if isinstance(x, torch.Tensor))
        raise InterruptedError

    monkeypatch.setattr(captioner.model, "generate", generate)
    with suppress(InterruptedError):
        captioner(FRAMES, TOKENS)
    assert given and all(x.device.type == "meta" for x in given)


def test_pixels_of_any_size_become_those_of_the_model():
    keyframes, video = (load_part(zoo_named(), role) for role in ("keyframes", "video"))
    assert CALLS["keyframes"]["euler"](keyframes).shape == (2, 3, film_pixels(), film_pixels())
    assert CALLS["video"]["dpm"](video).shape == (2, 4, 3, film_pixels(), film_pixels())
