"""Every component of the paper zoo at its real size, without room for its weights."""

import open_clip
import pytest
import torch

from neuroclips import sizes
from neuroclips.errors import InputError
from neuroclips.sizes.reconstructors import ROLES
from neuroclips.zoo import zoo_named

EACH = [(role, subject) for role in sizes.SIZES for subject in ((1, 2, 3) if role in ROLES else (1,))]


@pytest.mark.parametrize(("role", "subject"), EACH)
def test_parameters_are_those_that_were_published(role, subject):
    size = sizes.size_of(role, subject)
    model = sizes.build(role, subject=subject)
    assert {parameter.device.type for parameter in model.parameters()} == {"meta"}
    assert sizes.count(model) == size.parameters
    assert round(size.parameters / 1e6, size.digits) == pytest.approx(size.published), size.source


def test_every_model_of_the_paper_zoo_that_has_weights_of_its_own_has_a_size():
    roles = {part.role for part in zoo_named("paper").parts if not part.needs or part.role == "keyframes"}
    assert roles - {"projector", "fusion", "domain lora"} <= set(sizes.SIZES)  # a change of weights is no network


@pytest.mark.parametrize(
    ("role", "name"),
    [("clip", "ViT-bigG-14"), ("clip judge", "ViT-B-32-quickgelu"), ("clip judge/vit-l-14", "ViT-L-14-quickgelu")],
)
def test_clip_is_what_open_clip_calls_so(role, name):
    assert open_clip.get_model_config(name) == sizes.size_of(role).config


def test_what_facts_say_of_the_whole():
    semantic, prior = (sizes.size_of(f"released {part}").parameters for part in ("semantic", "prior"))
    assert round((semantic + prior) / 1e6, 1) == 2204.9
    video = sum(sizes.size_of(role).parameters for role in ("image model", "motion adapter", "sparse ctrl"))
    assert round(video / 1e6, 1) == 1773.4


def test_the_released_files_are_as_large_as_their_float32_weights():
    released = {"motion adapter": 1_673_262_583, "sparse ctrl": 1_988_040_333}  # bytes of the first upload
    for role, n_bytes in released.items():
        assert 4 * sizes.size_of(role).parameters == pytest.approx(n_bytes, rel=0.005)


def test_sizes_can_be_changed_and_weights_are_random_and_frozen():
    small = sizes.build("image model", "cpu", torch.bfloat16, sample_size=8, block_out_channels=(32, 32, 32, 32))
    weight = small.conv_in.weight
    assert small.config.sample_size == 8 and weight.dtype == torch.bfloat16 and not weight.requires_grad
    assert weight.std() > 0 and not small.training and torch.get_default_dtype() == torch.float32


def test_unknown_roles_and_subjects_are_one_line():
    with pytest.raises(InputError, match="got role 'nose', expected one of: clip"):
        sizes.build("nose")
    with pytest.raises(InputError, match="got subject 4"):
        sizes.build("semantic", subject=4)
