"""Of several keyframes the one is kept that shows most nearly what was decoded, and nothing else decides."""

from dataclasses import replace

import pytest
import torch

from neuroclips.draws import Draws
from neuroclips.memory import DEPENDS, Memory
from neuroclips.progress import Running
from neuroclips.types import FmriSample, Guidance, Settings, Step

N_DRAWS, N_SAMPLES = 4, 3


class Echo:
    """A CLIP whose tokens are the pixels of a picture: what it sees is what was drawn."""

    def image_tokens(self, pixels):
        return pixels.flatten(1)[:, None]


def draws(tokens, near=1.0):
    """Keyframes that show exactly the tokens of their draw; `asked` counts them."""
    asked = []

    def model(image_tokens, first_frames, **_):
        asked.append(len(image_tokens))
        return image_tokens.reshape(-1, 3, 2, 2)

    settings = Settings(keyframe_near=near)
    made = Draws(model, Echo, settings, range(N_SAMPLES), tokens, None, torch.zeros(1, 12), lambda share: None)
    return made, asked


def test_the_draw_nearest_to_the_mean_of_all_is_kept(generator):
    tokens = torch.randn(N_DRAWS, N_SAMPLES, 1, 12, generator=generator)
    made, asked = draws(tokens)
    keyframes, likeness = made.nearest()
    like = torch.cosine_similarity(tokens, tokens.mean(0, keepdim=True), dim=-1).squeeze(-1)  # (n_draws, B)
    expected = tokens[like.argmax(0), torch.arange(N_SAMPLES)].reshape(N_SAMPLES, 3, 2, 2)
    assert torch.equal(keyframes, expected) and asked == [N_DRAWS * N_SAMPLES]
    assert torch.allclose(torch.tensor(likeness), like.T)


def test_a_first_draw_that_is_near_enough_ends_the_search(generator):
    tokens = torch.randn(N_DRAWS, N_SAMPLES, 1, 12, generator=generator)
    first = torch.cosine_similarity(tokens[0], tokens.mean(0), dim=-1).squeeze(-1)
    middle = first.sort().values[1].item()
    made, asked = draws(tokens, middle)
    keyframes, likeness = made.nearest()
    near = first >= middle
    assert asked == [N_SAMPLES, (N_DRAWS - 1) * int((~near).sum())]
    assert [len(row) for row in likeness] == [1 if is_near else N_DRAWS for is_near in near]
    assert torch.equal(keyframes[near].flatten(1), tokens[0, near].flatten(1))
    all_drawn, _ = draws(tokens)[0].nearest()
    assert torch.equal(keyframes[~near], all_drawn[~near])


def test_a_single_draw_asks_nobody(generator):
    made, _ = draws(torch.randn(1, N_SAMPLES, 1, 12, generator=generator))
    made = replace(made, clip=pytest.fail)
    assert made.nearest()[1] == [()] * N_SAMPLES


def test_a_keyframe_of_several_draws_is_the_likest_and_tells_so(pipeline, data):
    """With the shipped models; the first draw alone is one of them, with the same noise."""
    settings = replace(pipeline.zoo.settings, video_steps=1)
    several, alone = (pipeline(data.sample(1, 2), replace(settings, keyframe_draws=n)) for n in (4, 1))
    assert len(several.likeness) == 4 and max(several.likeness) < 1 and alone.likeness == ()
    assert not torch.equal(several.image_tokens, alone.image_tokens)


def test_only_what_changed_is_decoded_anew(pipeline, data):
    """Without the caption all but the film is recalled; without the blurry video the keyframe is drawn anew."""
    memory, settings, told = Memory(), replace(pipeline.zoo.settings, video_steps=1), []

    def film(**changes):
        told.clear()
        made = pipeline(data.sample(1, 2), replace(settings, **changes), told.append, memory)
        return made, {stage.step for stage in told if stage.fraction == 1 and not stage.recalled}

    full, made = film()
    assert made == set(Step)
    again, made = film()
    assert made == {Step.VIDEO} and torch.equal(again.video, full.video)
    without_words, made = film(guidance=Guidance(gamma=False))
    assert made == {Step.VIDEO} and torch.equal(without_words.keyframe, full.keyframe)
    assert torch.equal(
        without_words.video, pipeline(data.sample(1, 2), replace(settings, guidance=Guidance(gamma=False))).video
    )
    assert film(guidance=Guidance(alpha=False))[1] == {Step.KEYFRAME, Step.CAPTION, Step.VIDEO}
    assert film(seed=1)[1] == {Step.IMAGE_TOKENS, Step.KEYFRAME, Step.CAPTION, Step.VIDEO}


def test_a_memory_forgets_the_oldest_and_knows_samples_by_their_voxels():
    memory, made = Memory(most=2), []

    def take(voxel):
        sample = FmriSample(torch.tensor([float(voxel)]), 1, 0)
        running = Running(Step.BRAIN_TOKENS, lambda stage: None)
        return memory.of("models", [sample], Settings())(running, lambda: made.append(voxel)), running.recalled

    assert [take(voxel)[1] for voxel in (0, 1, 0, 2, 1)] == [False, False, True, False, False]
    assert set(DEPENDS) == set(Step) - {Step.VIDEO}
