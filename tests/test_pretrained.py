"""Frozen models behind their protocols: shapes, range, determinism, and the start of equation 5."""

import pytest
import torch
from diffusers import DDIMScheduler

from neuroclips.config import SMOOTH_PROMPT
from neuroclips.pretrained.schedule import diffuse_from, get_timesteps
from neuroclips.pretrained.video import interpolate_frames
from neuroclips.train.words import sentences


@pytest.fixture(scope="module")
def frames(data):
    return data.stimulus(40, 6)


def test_codec_keeps_a_frame_recognisable(pipeline, frames):
    latents = pipeline.codec.encode(frames)
    again = pipeline.codec.decode(latents)
    assert latents.shape == (6, 4, 12, 12) and again.shape == frames.shape
    assert 0 <= again.min() and again.max() <= 1
    assert (again - frames).square().mean() < 0.3 * (frames - frames.mean((0, 2, 3), keepdim=True)).square().mean()
    assert 0.5 < latents.std() < 2  # the scaling factor makes noise of variance 1 comparable


def test_clip_puts_a_sentence_beside_its_picture(data, judges):
    clips = range(0, 60, 3)
    pictures = judges.clip.image_embeddings(torch.stack([data.stimulus(c, 6)[3] for c in clips]))
    words = judges.clip.text_embeddings([data.caption(c) for c in clips])
    similarity = pictures @ words.T
    own, others = similarity.diag().mean(), similarity[~torch.eye(len(similarity), dtype=torch.bool)].mean()
    assert own > others + 0.2


def test_clip_pool_of_tokens_is_the_image_embedding(judges, frames):
    pooled = judges.clip.pool(judges.clip.image_tokens(frames))
    direct, _ = judges.clip.model.visual(judges.clip._normalise(frames))  # open_clip's own pooling
    assert torch.allclose(pooled, torch.nn.functional.normalize(direct, dim=-1), atol=1e-4)


def test_every_caption_has_a_word_for_everything(judges, pipeline):
    """The captioner knows every word; the words of CLIP are from before shots had company, which it calls unknown."""
    assert SMOOTH_PROMPT in sentences()
    tokenizer = pipeline.captioner.processor.tokenizer
    assert not any(tokenizer.unk_token_id in tokenizer(line)["input_ids"] for line in sentences())
    unknown = judges.clip.tokenizer.tokenizer.unk_token_id
    in_company = torch.tensor([" with " in line for line in sentences()])
    counts = (judges.clip.tokenizer(sentences()) == unknown).sum(1)
    assert in_company.any() and torch.equal(counts, in_company.long())


def test_captioner_speaks_of_what_it_sees(pipeline, data):
    clips = [c for c in range(0, 240, 6) if data.caption(c)]
    captions = pipeline.captioner(torch.stack([data.stimulus(c, 6)[3] for c in clips]))
    assert captions == pipeline.captioner(torch.stack([data.stimulus(c, 6)[3] for c in clips]))
    assert len(set(captions)) > 10  # not one sentence for everything
    right = sum(data.caption(c).split()[1] in said.split() for c, said in zip(clips, captions, strict=True))
    assert right / len(clips) > 0.4  # the noun; chance is about 1 / 41


def test_keyframes_follow_tokens_and_seed(pipeline, judges, data):
    tokens = judges.clip.image_tokens(torch.stack([data.stimulus(c, 6)[3] for c in (6, 20)]))

    def draw(tokens, seed):
        return pipeline.keyframes(
            tokens, None, start=1.0, num_inference_steps=6, guidance_scale=2.0,
            generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip

    first = draw(tokens, 0)
    assert first.shape == (2, 3, 96, 96) and 0 <= first.min() and first.max() <= 1
    assert torch.equal(first, draw(tokens, 0)) and not torch.equal(first, draw(tokens, 1))
    again = judges.clip.image_tokens(first).flatten(1)
    own = torch.cdist(again, tokens.flatten(1))
    assert (own.argmin(1) == torch.arange(2)).all()  # each keyframe is nearest to the tokens that it came from


def test_get_timesteps_runs_the_last_share():
    scheduler = DDIMScheduler(timestep_spacing="trailing")
    assert get_timesteps(scheduler, 10, 1.0).tolist() == [999, 899, 799, 699, 599, 499, 399, 299, 199, 99]
    assert get_timesteps(scheduler, 10, 0.3).tolist() == [299, 199, 99]
    with pytest.raises(ValueError, match="got start 0"):
        get_timesteps(scheduler, 10, 0)


def test_diffuse_from_is_equation_5(generator):
    scheduler = DDIMScheduler()
    z, noise = torch.randn(2, 4, generator=generator), torch.randn(2, 4, generator=generator)
    t, theta = torch.tensor(999), 0.3
    ratio = scheduler.alphas_cumprod[999] / scheduler.alphas_cumprod[300]
    expected = ratio.sqrt() * z + (1 - ratio).sqrt() * noise
    assert torch.allclose(diffuse_from(scheduler, z, t, theta, noise), expected, atol=1e-5)
    assert torch.allclose(diffuse_from(scheduler, z, t, 0.0, noise), scheduler.add_noise(z, noise, t[None]), atol=1e-5)
    assert torch.equal(diffuse_from(scheduler, z, torch.tensor(100), theta, noise), z)  # nothing is missing


def test_interpolation_keeps_the_moments():
    video = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 3, 2, 2)
    slow = interpolate_frames(video, 16)[:, 0, 0, 0]
    assert slow[0] == 0 and slow[8] == 3 and slow[-1] == 5  # frame 8 of 16 and frame 3 of 6 are both at 1 s
    assert (slow.diff() >= 0).all()
