"""Where a zoo computes: memory modes give the same film, models away from the device cannot be computed with."""

import warnings
from dataclasses import replace

import pytest
import torch
from torch import nn

from neuroclips import budget, placement
from neuroclips.errors import InputError
from neuroclips.pipeline import load_pipeline
from neuroclips.placement import Placement, placement_of
from neuroclips.pretrained.base import Frozen
from neuroclips.run import reconstruct
from neuroclips.turns import ByLayer, InTurn, place, turn
from neuroclips.types import FmriSample, Request, Settings
from neuroclips.video_models import LTX
from neuroclips.zoo import load_judges, load_part, zoo_named
from tests.paper_zoo import FILM, TOKEN_WIDTH, TOKENS, save_reconstructors

CPU = torch.device("cpu")
FEW = {
    "video_steps": 1,
    "keyframe_steps": 1,
    "keyframe_draws": 2,
    "prior_steps": 2,
    "prior_samples": 1,
    "n_video_frames": 4,
}

FEWER = {"video_steps": 2, "keyframe_steps": 2, "prior_steps": 2}


class Model(Frozen):
    """A model with a layer, a weight that is no layer, a tied weight and another model inside."""

    def __init__(self, inner: Frozen | None = None):
        super().__init__()
        self.inner, self.layer, self.scale = inner, nn.Linear(4, 4, bias=False), nn.Parameter(torch.ones(4))
        self.attention = nn.MultiheadAttention(4, 1, batch_first=True)
        self.tied = nn.Linear(4, 4, bias=False)
        self.tied.weight = self.layer.weight
        self.register_buffer("mean", torch.ones(4))
        self.requires_grad_(False)

    def other_than_forward(self, x):
        x = self.inner.other_than_forward(x) if self.inner else x
        x = self.tied(self.layer(x)) * self.scale - self.mean
        return self.attention(x[None], x[None], x[None])[0][0]

    def _private(self, x):
        return self.layer(x)


def parked(model):
    return [name for name, weight in model.named_parameters() if weight.isnan().all()]


@pytest.fixture
def x():
    return torch.randn(3, 4, generator=torch.Generator().manual_seed(0))


def test_models_in_turn_are_away_between_their_turns_and_the_same_in_them(x):
    torch.manual_seed(0)
    first, second = Model(), Model()
    expected = [model.other_than_forward(x) for model in (first, second)]
    numbers = {name: value.clone() for name, value in first.state_dict().items()}
    turns = InTurn(CPU)
    for model in (first, second):
        place(model, turns)
        assert len(parked(model)) == len(list(model.named_parameters())) and not model.mean.isnan().any()
        assert model.device == CPU and model.dtype == torch.float32 and model.layer.weight.shape == (4, 4)
    assert torch.equal(first.other_than_forward(x), expected[0]) and not parked(first)  # it stays as long as it may
    assert torch.equal(second.other_than_forward(x), expected[1]) and parked(first) and not parked(second)
    assert first._private(x).isnan().all()  # what is away gives no numbers that could be taken for some
    with turn(first):
        assert all(torch.equal(value, numbers[name]) for name, value in first.state_dict().items())


def test_a_model_inside_another_has_turns_of_its_own_and_is_not_sent_away_by_it(x):
    torch.manual_seed(0)
    inner = Model()
    outer = Model(inner)
    expected, turns = outer.other_than_forward(x), InTurn(CPU)
    place(inner, turns)
    place(outer, turns)
    assert torch.equal(outer.other_than_forward(x), expected)
    place(other := Model(), turns)
    other.other_than_forward(x)
    assert parked(inner) and parked(outer.layer) and not parked(other)


def test_models_stay_where_there_is_room_for_them(x):
    models = [Model() for _ in range(3)]
    size = sum(weight.nbytes for weight in models[0].parameters())
    turns = InTurn(CPU, room=2 * size)
    for model in models:
        place(model, turns)
    for model in models:
        model.other_than_forward(x)
    assert parked(models[0]) and not parked(models[1]) and not parked(models[2])


def test_a_model_that_found_no_room_is_parked_and_comes_when_there_is_some(x, monkeypatch):
    model, other, turns = Model(), Model(), InTurn(CPU)
    for each in (model, other):
        place(each, turns)
    expected = model.other_than_forward(x)
    other.other_than_forward(x)  # and the model is away
    last, lend = list(model.parameters())[-1], torch.Tensor.to

    def full(weight, *args):
        if weight.data_ptr() == own.data_ptr():
            raise torch.OutOfMemoryError("full")
        return lend(weight, *args)

    own = next(kept for weight, kept in turns._lents[model].held if weight is last)
    with monkeypatch.context() as patch, pytest.raises(torch.OutOfMemoryError):
        patch.setattr(torch.Tensor, "to", full)
        model.other_than_forward(x)
    assert len(parked(model)) == len(list(model.named_parameters()))
    assert torch.equal(model.other_than_forward(x), expected)
    other.other_than_forward(x)
    assert parked(model)  # nobody uses it any more


def test_layers_come_one_after_the_other(x):
    torch.manual_seed(0)
    model = Model()
    expected = model.other_than_forward(x)
    place(model, ByLayer(CPU))
    assert not model.scale.isnan().any() and {"layer.weight", "attention.in_proj_weight"} <= set(parked(model))
    assert torch.equal(model.other_than_forward(x), expected) and "layer.weight" in parked(model)
    with pytest.raises(RuntimeError):
        model.layer(x[:, :2])
    assert "layer.weight" in parked(model)  # also after a fault


@pytest.fixture(scope="module")
def film(data):
    """Of the demo zoo in a memory mode."""

    def made(memory):
        settings = replace(zoo_named().settings, **FEW)
        return load_pipeline(placement=placement_of(zoo_named(), memory=memory))(data.sample(1, 0), settings)

    return made


def test_every_memory_mode_gives_the_same_film(film):
    whole = film(None)
    for memory in ("in turn", "layers"):
        other = film(memory)
        for name in ("blurry_video", "image_tokens", "keyframe", "video"):
            assert torch.equal(getattr(other, name), getattr(whole, name)), (memory, name)
        assert other.caption == whole.caption and other.precision == whole.precision
    turns = placement._placing(CPU, "in turn", 0)
    assert sum(not lent.users and lent.n_bytes > 0 for lent in turns._there.values()) < len(turns._lents)


def test_the_mode_is_the_fastest_that_fits():
    paper = zoo_named("paper")
    modes = [budget.chosen(paper, free, "bfloat16").memory for free in (7.5, 15.5, 23.5, 79.0)]
    assert modes == ["layers", "in turn", "in turn", "whole"]
    assert budget.chosen(paper, 79.0, "bfloat16", "layers").memory == "layers"
    half, full = (budget.chosen(paper, 79.0, dtype) for dtype in ("float16", "float32"))
    assert half.largest < full.largest and half.needed < full.needed
    of = {name: paper.roles(Settings(video_model=name)) for name in paper.video_models}
    usual, ltx = (budget.chosen(paper, 15.5, "bfloat16", roles=roles) for roles in of.values())
    assert usual.memory == ltx.memory == "in turn"
    assert 9 < ltx.largest < 10  # T5's words are read before the video model comes
    assert ltx.needed > usual.needed + 9
    assert "autoencoders in slices and tiles" in budget.chosen(paper, 7.5, "float16").told()
    with pytest.raises(InputError, match="got memory 'all', expected one of: whole, in turn, layers"):
        budget.chosen(paper, 79.0, "bfloat16", "all")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"device": "gpu"}, "got device 'gpu', expected one of: cpu"),
        ({"device": "cuda:99"}, "got device 'cuda:99', expected one of: cpu"),
        ({"dtype": "int8"}, "got dtype 'int8', expected one of: float32, bfloat16, float16"),
        ({"device": "cpu", "dtype": "float16"}, "got dtype float16 on the device cpu, expected float32 or bfloat16"),
        ({"memory": "much"}, "got memory 'much', expected one of: whole"),
    ],
)
def test_what_there_is_not_is_one_line(asked, says):
    with pytest.raises(InputError, match=says) as raised:
        reconstruct(Request(1, 0, **asked))
    assert "\n" not in str(raised.value)


def test_the_demo_zoo_is_whole_and_in_float32_unless_asked():
    usual = placement_of(zoo_named(), "cpu")
    assert usual == Placement(CPU, torch.float32) and usual.mixed and usual.memory == "whole"
    assert not placement_of(zoo_named(), "cpu", "float32").mixed  # asked for, it is not mixed with bfloat16
    assert placement_of(zoo_named(), "cpu") is usual


def test_each_process_of_a_launch_has_its_own_accelerator(monkeypatch):
    monkeypatch.setattr(placement, "best_device", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 4)
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert placement.device_named(None) == torch.device("cuda")
    monkeypatch.setenv("WORLD_SIZE", "6")
    for rank, name in (("0", "cuda:0"), ("1", "cuda:1"), ("5", "cuda:1")):
        monkeypatch.setenv("LOCAL_RANK", rank)
        assert placement.device_named(None) == torch.device(name)
    monkeypatch.setattr(placement, "best_device", lambda: CPU)
    assert placement.device_named(None) == CPU


def test_a_speed_that_a_video_model_does_not_follow_is_said():
    with pytest.warns(UserWarning, match="speed graphs is for keyframes and AnimateDiff: films of ltx take as long"):
        placement._warn_of_the_slow("graphs", ("codec", "video/ltx"))
    with warnings.catch_warnings(action="error"):
        placement._warn_of_the_slow("graphs", ("codec", "video"))
        placement._warn_of_the_slow("", ("codec", "video/ltx"))


def test_what_overflows_float16_and_what_judges_stay_in_float32():
    half = Placement(CPU, torch.float16, "layers")
    parts = {part.role: half.dtype_of(part) for part in zoo_named("paper").parts}
    assert parts["keyframe codec"] == torch.float32 and parts["codec"] == parts["keyframes"] == torch.float16
    assert half.of_judges.dtype == half.of_reconstructor("prior").dtype == torch.float32
    assert half.of_reconstructor("semantic").dtype == torch.float16  # its one layer of 1.7 billion weights


def test_float32_that_was_asked_for_is_not_mixed(monkeypatch):
    demo = replace(zoo_named(), name="unmixed")
    codec = load_part(demo, "codec", placement=Placement(CPU, mixed=False))
    assert codec.precision == "float32"


def test_autoencoders_are_sliced_and_tiled_where_there_is_least_room():
    demo = replace(zoo_named(), name="sliced")
    codec = load_part(demo, "codec", placement=Placement(CPU, slices=True, tiles=True))
    assert codec.vae.use_slicing and codec.vae.use_tiling


def test_a_pixel_that_overflowed_is_not_white():
    codec = load_part(replace(zoo_named(), name="overflowing"), "codec", "cpu")
    codec.to_pixels = lambda latents: torch.full((1, 3, 8, 8), torch.inf)
    assert codec.decode(torch.zeros(1, codec.channels, 2, 2)).isnan().all()


@pytest.fixture(scope="module")
def brain(tmp_path_factory):
    """Reconstructors of the tiny paper zoo, and a sample for them."""
    own = save_reconstructors(tmp_path_factory.mktemp("own"), 20)
    return own, FmriSample(torch.randn(20, generator=torch.Generator().manual_seed(0)), 1, 0)


@pytest.mark.parametrize("changes", [{"captioner": "blip2"}, {"captioner": "git"}, {"video_model": LTX}], ids=str)
def test_every_memory_mode_gives_the_same_film_by_the_papers_models(paper, brain, changes):
    own, sample = brain
    settings = paper.settings_for(changes["video_model"]) if "video_model" in changes else paper.settings
    settings = replace(settings, n_video_frames=8, pixels=FILM, keyframe_draws=2, **FEWER, **changes)
    made = {}
    for memory in budget.MODES:
        where = Placement(CPU, mixed=False, memory=memory)
        made[memory] = load_pipeline(paper, own, placement=where)(sample, settings)
    for memory in ("in turn", "layers"):
        for name in ("blurry_video", "image_tokens", "keyframe", "video"):
            assert torch.equal(getattr(made[memory], name), getattr(made["whole"], name)), (memory, name)
        assert made[memory].caption == made["whole"].caption


@pytest.mark.parametrize("memory", budget.MODES)
def test_judges_of_the_paper_score_the_same_in_every_mode(paper, memory):
    film = torch.rand(2, 8, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    usual, judges = (load_judges(paper, Placement(CPU, memory=mode)) for mode in ("whole", memory))
    assert torch.equal(judges.video(film), usual.video(film))
    assert torch.equal(judges.frame(film[:, 0]), usual.frame(film[:, 0]))
    assert torch.equal(judges.clip.image_embeddings(film[:, 0]), usual.clip.image_embeddings(film[:, 0]))


@pytest.mark.parametrize("name", ["blip2", "git"])
def test_a_captioner_that_overflows_is_an_error_that_names_the_step(paper, name):
    captioner = load_part(replace(paper, name=f"paper of {name}"), f"captioner/{name}", "cpu")
    with turn(captioner), pytest.raises(InputError, match="^caption: got values that are not numbers"):
        norms = [weight for name, weight in captioner.named_parameters() if "norm" in name.lower()]
        norms[0].fill_(torch.nan)
        captioner(torch.rand(1, 3, 40, 40), torch.randn(1, TOKENS, TOKEN_WIDTH))


def test_where_a_zoo_computes_is_said_in_one_line():
    where = placement_of(zoo_named(), "cpu", "bfloat16", "in turn")
    said = placement.told(zoo_named(), where)
    assert said.startswith("zoo demo on cpu: bfloat16, memory 'in turn' (models come there when they run; 0.1 GB, ")
    assert said.endswith(" at once), attention by torch SDPA")
