"""The whole paper zoo at tiny sizes, from folders in the layouts of the hub, by the code that loads the real one."""

import json
import shutil
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from transformers import AutoImageProcessor
from typer.testing import CliRunner

from neuroclips import cli
from neuroclips.configure import configure
from neuroclips.data.simulated import N_VOXELS
from neuroclips.errors import InputError
from neuroclips.memory import Memory
from neuroclips.metrics.scores import read
from neuroclips.pipeline import load_pipeline
from neuroclips.pretrained.captioner import CONVERTER, TokenConverter
from neuroclips.pretrained.judges import FrameJudge
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.fusion import FusionConfig
from neuroclips.types import PRESETS, SMOOTH_PROMPT, FmriSample, Step
from neuroclips.zoo import ZOOS, load_part
from neuroclips.zoo_table import PAPER
from tests.paper_zoo import EMBED, FILM, FRAME, GIT_WIDTH, KEYFRAME, TOKEN_WIDTH, TOKENS, WORDS, save_reconstructors

FETCHED = [part.role for part in ZOOS["paper"].parts if not part.is_local]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return save_reconstructors(tmp_path_factory.mktemp("own"), 20)


@pytest.fixture(scope="module")
def samples():
    return [FmriSample(torch.randn(20, generator=torch.Generator().manual_seed(c)), 1, c) for c in (0, 1)]


@pytest.fixture(scope="module")
def memory():
    return Memory()


@pytest.fixture(scope="module")
def pictures():
    """(4, 3, 40, 40): black, white, noise, and noise on one side."""
    noise = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(0))
    side = noise.clone()
    side[:, :, :20] = 1
    return torch.stack([torch.zeros_like(noise), torch.ones_like(noise), noise, side])


@pytest.mark.parametrize("role", FETCHED)
def test_every_part_of_the_table_is_loaded_from_its_own_folder(paper, role):
    model = load_part(paper, role, "cpu")
    assert not any(weight.requires_grad for weight in model.parameters())
    assert all(weight.dtype == torch.float32 for weight in model.parameters())


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_gives_a_film(paper, own, samples, memory, preset):
    settings = configure(paper.settings, PRESETS[preset])
    made = load_pipeline("paper", own, "cpu")(samples, settings, memory=memory)
    for film in made:
        assert film.video.shape == (8, 3, FILM, FILM) and film.video.isfinite().all() and film.video.std() > 0.01
        assert film.blurry_video.shape == (6, 3, FRAME, FRAME)
        if preset == "no-keyframe":
            assert film.keyframe is None and film.caption == SMOOTH_PROMPT and Step.KEYFRAME not in film.seconds
        else:
            assert film.keyframe.shape == (3, KEYFRAME, KEYFRAME) and film.caption
            assert film.image_tokens.shape == (TOKENS, TOKEN_WIDTH)
    assert not torch.equal(made[0].video, made[1].video)


def test_the_three_alpha_modes_are_three_films_and_none_is_a_fourth(paper, own, samples, memory):
    pipeline = load_pipeline("paper", own, "cpu")
    changes = [{"alpha_mode": mode} for mode in paper.alpha_modes] + [{"guidance.alpha": False}]
    changes[0]["video_start"] = 0.5  # partial
    films = [pipeline(samples[0], configure(paper.settings, c), memory=memory).video for c in changes]
    assert all(film.isfinite().all() for film in films)
    assert all(not torch.equal(films[i], films[j]) for i in range(4) for j in range(i))


@pytest.mark.parametrize("name", ZOOS["paper"].video_models)
def test_every_video_model_is_one_setting(paper, own, samples, memory, name):
    settings = replace(paper.settings_for(name), n_video_frames=8, pixels=FILM)
    film = load_pipeline("paper", own, "cpu")(samples[0], settings, memory=memory).video
    assert film.shape == (8, 3, FILM, FILM) and film.isfinite().all() and film.std() > 0.01


def test_the_zoo_comes_in_half_precision_but_for_what_overflows_there(paper):
    assert load_part(paper, "video", "cpu", torch.bfloat16).unet.dtype == torch.bfloat16
    assert load_part(paper, "keyframe codec", "cpu", torch.float16).dtype == torch.float32  # which would overflow
    assert load_part(paper, "captioner/git", "cpu", torch.bfloat16).converter.dtype == torch.bfloat16


@pytest.mark.parametrize("name", ["blip2", "git"])
def test_captions_of_a_batch_are_those_of_each_alone(paper, pictures, generator, name):
    captioner = load_part(paper, f"captioner/{name}", "cpu")
    tokens = torch.randn(4, TOKENS, TOKEN_WIDTH, generator=generator)
    together = captioner(pictures, tokens)
    assert together == [captioner(pictures[i : i + 1], tokens[i : i + 1])[0] for i in range(4)]
    assert len(set(together)) > 1 and all(said == said.strip() != "" for said in together)
    assert not any("<image>" in said or "[CLS]" in said for said in together)


def test_blip2_of_the_papers_revision_says_what_its_own_library_said(paper, paper_models, pictures):
    """Before transformers 4.46 what was seen was put before the embedded words; no token kept its place."""
    config = json.loads((paper_models / "Salesforce" / "blip2-opt-2.7b" / "config.json").read_text())
    captioner = load_part(paper, "captioner/blip2", "cpu")
    assert "image_token_index" not in config and captioner.processor.num_query_tokens is None
    model, words = captioner.model, captioner.model.language_model
    eyes = model.vision_model(captioner.pixel_values(pictures)).last_hidden_state
    asked = model.qformer(query_embeds=model.query_tokens.expand(4, -1, -1), encoder_hidden_states=eyes)
    start = words.get_input_embeddings()(torch.full((4, 1), words.config.bos_token_id))
    prompt = torch.cat([model.language_projection(asked.last_hidden_state), start], 1)
    mask = torch.ones(prompt.shape[:2], dtype=torch.long)
    said = words.generate(inputs_embeds=prompt, attention_mask=mask, max_new_tokens=20, do_sample=False)
    told = captioner.processor.batch_decode(said, skip_special_tokens=True)
    assert captioner(pictures) == [sentence.strip() for sentence in told]


def test_the_converter_makes_tokens_of_another_length_and_width(paper, paper_models, generator):
    captioner = load_part(paper, "captioner/git", "cpu")
    state = torch.load(paper_models / "pscotti" / "mindeyev2" / CONVERTER)["model_state_dict"]
    tokens = torch.randn(2, TOKENS, TOKEN_WIDTH, generator=generator)
    longer = torch.einsum("btw,nt->bnw", tokens, state["linear1.weight"]) + state["linear1.bias"][:, None]
    wanted = longer @ state["linear2.weight"].T + state["linear2.bias"]
    assert captioner._features(tokens).shape == (2, TOKENS + 1, GIT_WIDTH)
    assert torch.allclose(captioner._features(tokens), wanted, atol=1e-5)
    passed = captioner.model.git.image_encoder(wanted[:, None]).last_hidden_state
    assert torch.equal(passed, wanted)  # no token is put before the one that stands for the CLS token
    assert max(len(said.split()) for said in captioner(None, 3 * tokens)) <= 19  # and the mark of the beginning


@pytest.mark.parametrize("content", [{"state_dict": {}}, {"model_state_dict": {"linear1.weight": torch.zeros(2, 2)}}])
def test_another_file_is_no_converter(tmp_path, content):
    torch.save(content, tmp_path / CONVERTER)
    with pytest.raises(InputError, match=f"{CONVERTER}: got .*expected model_state_dict with linear1 and linear2"):
        TokenConverter.from_pretrained(tmp_path)


@pytest.mark.parametrize("role", ["frame judge", "video judge"])
def test_judges_look_at_pixels_as_their_own_processors_do(paper, paper_models, pictures, role):
    judge, home = load_part(paper, role, "cpu"), paper_models / paper.part(role).source
    frames = pictures.repeat(4, 1, 1, 1)  # 40 pixels wide, as many as a video judge wants
    processor = AutoImageProcessor.from_pretrained(home)
    theirs = processor(list(frames), do_rescale=False, return_tensors="pt")["pixel_values"].reshape(-1, 3, 32, 32)
    assert torch.allclose(judge.eyes(frames, 32), theirs, atol=1e-5)
    logits = judge(frames) if role == "frame judge" else judge(frames[None])
    assert logits.isfinite().all() and judge.eyes.mean[0] == (0.5 if role == "frame judge" else 0.4)


def test_a_processor_that_resizes_otherwise_is_named(paper, paper_models, tmp_path):
    shutil.copytree(paper_models / "google" / "vit-base-patch16-224", tmp_path / "vit")
    path = tmp_path / "vit" / "preprocessor_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"resample": 0}))
    with pytest.raises(InputError, match="preprocessor_config.json: got resample 0, expected one of: 2, 3"):
        FrameJudge.from_pretrained(tmp_path / "vit")


def test_words_are_the_last_states_of_77(paper):
    text = load_part(paper, "text encoder", "cpu")
    known, start, end = text.tokenizer.get_vocab(), text.tokenizer.bos_token_id, text.tokenizer.eos_token_id
    rows = [[start, known["a</w>"], *[end] * 75], [start, *[end] * 76]]
    wanted = text.model(torch.tensor(rows)).last_hidden_state
    states = text.text_tokens(["a", ""])
    assert states.shape == (2, 77, WORDS) and torch.allclose(states, wanted, atol=1e-6)
    assert torch.equal(text.unconditional([""]), states[1:])  # the empty sentence is words, too
    assert text.text_tokens([paper.settings.negative_prompt]).shape == (1, 77, WORDS)  # longer ones are cut


def test_image_tokens_are_normed_and_of_half_the_contrast(paper, pictures):
    """As open_clip gives them since 2.23; before, they came without ln_post."""
    clip, seen = load_part(paper, "clip", "cpu"), []
    hook = clip.model.visual.ln_post.register_forward_hook(lambda module, inputs, output: seen.append(output))
    tokens = clip.image_tokens(pictures)
    hook.remove()
    assert tokens.shape == (4, TOKENS, TOKEN_WIDTH) and torch.equal(tokens, seen[0][:, 1:])
    mean, std = (torch.tensor(x).view(3, 1, 1) for x in (clip.model.visual.image_mean, clip.model.visual.image_std))
    halved = (0.5 + 0.5 * F.interpolate(pictures, (32, 32), mode="bicubic", antialias=True) - mean) / std
    assert torch.allclose(tokens, clip.model.visual(halved)[1], atol=1e-4)
    assert clip.image_embeddings(pictures).shape == (4, EMBED)


def test_long_films_ask_a_fusion_classifier_of_ones_own(paper, tmp_path):
    own = save_reconstructors(tmp_path / "own", N_VOXELS[1])
    words = ["reconstruct", "--zoo", "paper", "--clips", "0-1", "--fuse", "--reconstructors", own]
    words = list(map(str, [*words, "--out", tmp_path / "out"]))
    refused = CliRunner().invoke(cli.app, words)
    assert refused.exit_code == 2 and "no fusion in" in refused.output
    weights.save(FusionConfig(EMBED).build(), own / "fusion")
    done = CliRunner().invoke(cli.app, words, catch_exceptions=False)
    assert done.exit_code == 0 and "same class" in done.output, done.output


def test_a_zoo_without_reconstructors_says_how_to_get_some(paper, tmp_path):
    done = CliRunner().invoke(cli.app, ["reconstruct", "--zoo", "paper", "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    if not PAPER.exists():  # in a checkout where none was trained
        assert "zoo paper" in done.output and "train" in done.output and "--reconstructors" in done.output


def test_one_command_makes_a_film_of_a_simulated_sample_and_scores_it(paper, tmp_path):
    own = save_reconstructors(tmp_path / "own", N_VOXELS[1])
    words = ["reconstruct", "--zoo", "paper", "--dataset", "simulated", "--clip", "7", "--reconstructors", own]
    done = CliRunner().invoke(cli.app, list(map(str, [*words, "--out", tmp_path / "out"])), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "out" / "reconstruction.json").read_text())
    assert told["zoo"] == "paper" and told["alpha_mode"] == "paper" and told["caption"]
    scores = read(told["scores"]).video
    assert 0 <= scores.frame_2_way <= 1 and 0 <= scores.video_2_way <= 1 and -1 <= scores.ssim <= 1
    assert (tmp_path / "out" / "video.mp4").stat().st_size > 1000
