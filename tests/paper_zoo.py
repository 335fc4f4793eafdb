"""The repositories of the paper zoo at tiny sizes, in the layouts that they have on the hub: what `build` writes.

Configs are those of neuroclips/sizes with smaller numbers, so that blocks and switches are the real ones; widths that
must agree between models do. Weights are random.
"""

import json
from dataclasses import replace

import open_clip
import torch
from diffusers import PNDMScheduler
from safetensors.torch import save_file
from transformers import BlipImageProcessor, VideoMAEImageProcessor, ViTImageProcessor

from neuroclips.pretrained.animatediff_v3 import LORA_FILE
from neuroclips.pretrained.captioner import CONVERTER, TokenConverter
from neuroclips.pretrained.unclip_checkpoint import FILE, convert
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.semantic import SemanticConfig
from neuroclips.sizes import size_of
from neuroclips.zoo import zoo_named
from tests.pretrained.sgm import UNET, VAE, lightning, sgm_state, small_unclip
from tests.tiny_ltx import save_ltx

TOKENS, TOKEN_WIDTH, EMBED = 16, UNET["cross_attention_dim"], 12  # of CLIP's pictures
GIT_WIDTH, WORDS = 24, 32  # of ViT-L in the place of GIT's eyes; of the words that a video model reads
FRAME, KEYFRAME, FILM = 224, UNET["sample_size"] * 8, 64  # [pixels]
QUERIES, CLASSES = 4, 60
LEVELS = {"block_out_channels": (8, 8, 16, 16), "layers_per_block": 1, "norm_num_groups": 4}
SPATIAL = LEVELS | {"attention_head_dim": 2, "cross_attention_dim": WORDS}
MOTION = {"motion_num_attention_heads": 2}
SD_VAE = {"block_out_channels": (8, 8, 8, 8), "layers_per_block": 1, "norm_num_groups": 4}
TOWER = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
EYES = TOWER | {"image_size": 32, "patch_size": 8}
SEEN = {"image_size": 32, "patch_size": 8, "width": TOKEN_WIDTH, "head_width": 8, "layers": 1, "mlp_ratio": 2.0}
READ = {"width": 8, "heads": 2, "layers": 1}
SD_SCHEDULE = PNDMScheduler(
    beta_start=0.00085,
    beta_end=0.012,
    beta_schedule="scaled_linear",
    skip_prk_steps=True,
    set_alpha_to_one=False,
    steps_offset=1,
)
SQUARE = {"size": {"height": 32, "width": 32}}
HUB = {  # repository -> what writes it there
    "laion/CLIP-ViT-bigG-14-laion2B-39B-b160k": lambda home: _open_clip(home, "clip", "open_clip_pytorch_model.bin"),
    "timm/vit_base_patch32_clip_224.openai": lambda home: _open_clip(home, "clip judge", "open_clip_model.safetensors"),
    "stable-diffusion-v1-5/stable-diffusion-v1-5": lambda home: _stable_diffusion(home),
    "SG161222/Realistic_Vision_V5.1_noVAE": lambda home: _stable_diffusion(home),
    "pscotti/mindeyev2": lambda home: _mindeye(home),
    "Salesforce/blip2-opt-2.7b": lambda home: _blip2(home),
    "microsoft/git-large-coco": lambda home: _git(home),
    "guoyww/animatediff-motion-adapter-v1-5-3": lambda home: _saved(
        home,
        "motion adapter",
        block_out_channels=LEVELS["block_out_channels"],
        motion_layers_per_block=1,
        motion_norm_num_groups=4,
        **MOTION,
    ),
    "guoyww/animatediff-sparsectrl-rgb": lambda home: _saved(home, "sparse ctrl", **SPATIAL, **MOTION),
    "guoyww/animatediff-motion-lora-v1-5-3": lambda home: save_lora(
        home, size_of("image model").make("cpu", **SPATIAL, sample_size=FILM // 8)
    ),
    "stabilityai/sd-vae-ft-mse": lambda home: _saved(home, "codec", **SD_VAE),
    "Lightricks/LTX-Video": save_ltx,
    "google/vit-base-patch16-224": lambda home: _judge(home, "frame judge", ViTImageProcessor(**SQUARE), 0.5),
    "MCG-NJU/videomae-base-finetuned-kinetics": lambda home: _judge(
        home, "video judge", VideoMAEImageProcessor(size={"shortest_edge": 32}, crop_size=SQUARE["size"]), 0.4
    ),
}


def build(models):
    """Write every repository below a folder, which NEUROCLIPS_MODELS is then set to."""
    torch.manual_seed(0)
    for name, write in HUB.items():
        (models / name).mkdir(parents=True)
        write(models / name)
    return models


def tiny():
    """The paper zoo with few steps: not equal to the paper zoo, so that nobody else is given what was loaded for it.

    LTX-Video is in diffusers' folders instead of Lightricks' one file, whose sizes are not told in it.
    """
    paper = zoo_named("paper")
    few = {"video_steps": 2, "keyframe_steps": 2, "prior_steps": 3, "n_video_frames": 8, "fps": 4, "pixels": FILM}
    parts = (replace(part, files=()) if part.kind.startswith("ltx") else part for part in paper.parts)
    return replace(paper, parts=tuple(parts), settings=replace(paper.settings, **few))


def save_reconstructors(home, n_voxels, subject=1, side=FRAME // 8):
    """Untrained reconstructors of a subject that fit the tiny zoo, in a folder for --reconstructors."""
    torch.manual_seed(subject)
    semantic = SemanticConfig(TOKENS, TOKEN_WIDTH, ridge_dim=8, hidden_dim=8, n_blocks=1)
    small = {"ridge_dim": 8, "hidden_dim": 8, "n_blocks": 1, "extension_dim": 4, "channels": (16, 8, 8)}
    for role, config in (("semantic", semantic), ("perception", PerceptionConfig(latent_side=side, **small))):
        weights.save(config.build(n_voxels), home / f"subject{subject}" / role, n_voxels=n_voxels)
    weights.save(PriorConfig(TOKENS, TOKEN_WIDTH, depth=1, heads=2).build(), home / f"subject{subject}" / "prior")
    return home


def _louder(module, std):
    """Weights that make a difference: of those that a library begins with, every picture would be the same sentence."""
    with torch.no_grad():
        for values in module.parameters():
            if values.ndim > 1:
                values.normal_(std=std)


def _saved(home, role, **changes):
    size_of(role).make("cpu", **changes).save_pretrained(home)


def _open_clip(home, role, file):
    size = size_of(role)
    vision, text = size.config["vision_cfg"], size.config["text_cfg"]
    width = {} if role == "clip" else {"width": 16, "head_width": 8}
    config = {
        **size.config,
        "embed_dim": EMBED,
        "vision_cfg": {**vision, **SEEN, **width},
        "text_cfg": {**text, **READ},
    }
    about = {"model_cfg": config, "preprocess_cfg": {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]}}
    (home / "open_clip_config.json").write_text(json.dumps(about))
    state = open_clip.CLIP(**config).state_dict()
    if file.endswith(".bin"):
        torch.save(state, home / file)
    else:
        save_file(state, home / file)


def _stable_diffusion(home):
    _saved(home / "vae", "codec", **SD_VAE)
    _saved(home / "unet", "image model", **SPATIAL, sample_size=FILM // 8)
    SD_SCHEDULE.save_pretrained(home / "scheduler")
    known = clip_words(home / "tokenizer")
    words = TOWER | {"hidden_size": WORDS, "vocab_size": known, "eos_token_id": known - 1, "bos_token_id": known - 2}
    _saved(home / "text_encoder", "text encoder", **words)


def save_lora(folder, image_model, rank=3):
    """A domain adapter of every attention layer, in the keys of the hub's; returns them with their tensors."""
    state = {}
    for name, layer in image_model.named_modules():
        block, _, last = name.removesuffix(".0").rpartition(".")
        if last in ("to_q", "to_k", "to_v", "to_out") and hasattr(layer, "weight"):
            key = f"unet.{block}.processor.{last}_lora"
            state[f"{key}.down.weight"] = 0.1 * torch.randn(rank, layer.in_features)
            state[f"{key}.up.weight"] = 0.1 * torch.randn(layer.out_features, rank)
    save_file(state, folder / LORA_FILE)
    return state


def clip_words(folder):
    """CLIP's tokenizer, as Stable Diffusion has it, with a word for each letter; how many words there are."""
    letters = [chr(c) for c in range(33, 127)]
    known = [*letters, *(f"{c}</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(known)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    ends = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>"}
    ends |= {"unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    about = ends | {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(about))
    (folder / "special_tokens_map.json").write_text(json.dumps(ends))
    return len(known)


def _mindeye(home):
    """The two files of the data set that the zoo takes, the large one converted as a user converts it."""
    converter = TokenConverter(TOKENS, TOKENS + 1, TOKEN_WIDTH, GIT_WIDTH)
    torch.save({"epoch": 8, "model_state_dict": converter.state_dict()}, home / CONVERTER)
    torch.save(lightning(sgm_state(*small_unclip())), home / FILE)
    convert(home / FILE, home / "unclip6", torch.float32, UNET, VAE)
    (home / FILE).unlink()


def _blip2(home):
    """As in the revision of the paper's code, from before transformers 4.46: no token for the image in any config."""
    letters, ends = [chr(c) for c in range(33, 127)], ["<s>", "<pad>", "</s>", "<unk>"]
    known = [*ends, *letters, "\u0120", "\u010a"]
    (home / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(known)}))
    (home / "merges.txt").write_text("#version: 0.2\n")
    about = {"bos_token": "</s>", "eos_token": "</s>", "unk_token": "</s>", "pad_token": "<pad>"}
    (home / "special_tokens_map.json").write_text(json.dumps(about))
    about |= {"tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "processor_class": "Blip2Processor"}
    (home / "tokenizer_config.json").write_text(json.dumps(about))
    text = {"model_type": "opt", "hidden_size": 16, "ffn_dim": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    text |= {"word_embed_proj_dim": 16, "vocab_size": len(known) + 7, "bos_token_id": 2, "pad_token_id": 1}
    model = size_of("captioner/blip2").make(
        "cpu",
        vision_config=EYES,
        qformer_config=TOWER | {"encoder_hidden_size": 16, "vocab_size": 8},
        text_config=text | {"eos_token_id": len(known) - 1},
        num_query_tokens=QUERIES,
        image_token_index=None,
    )
    for loud in (model.vision_model, model.qformer, model.language_model.model.decoder.layers):
        _louder(loud, 0.5)
    _louder(model.language_projection, 2.0)
    rows = model.language_model.get_input_embeddings().weight.detach()
    rows[: len(ends)] = rows[len(known) - 2 :] = 0  # letters are likelier than marks
    model.save_pretrained(home, max_shard_size="40KB")
    config = json.loads((home / "config.json").read_text())
    del config["image_token_index"]
    (home / "config.json").write_text(json.dumps(config))
    BlipImageProcessor(**SQUARE).save_pretrained(home)


def _git(home):
    """With the image encoder that nobody asks, and BERT's tokenizer, which knows no token of the beginning."""
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(chr(c) for c in range(97, 123))]
    (home / "vocab.txt").write_text("\n".join(known))
    about = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (home / "special_tokens_map.json").write_text(json.dumps(about))
    about |= {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "processor_class": "GitProcessor"}
    (home / "tokenizer_config.json").write_text(json.dumps(about))
    words = {"vocab_size": len(known), "bos_token_id": 2, "eos_token_id": 3, "max_position_embeddings": 32}
    vision = EYES | {"hidden_size": GIT_WIDTH}
    model = size_of("captioner/git").make("cpu", **TOWER, **words, vision_config=vision)
    _louder(model.git.encoder, 0.5)
    _louder(model.output, 0.5)
    model.output.bias.detach()[: known.index("[SEP]")] = -9  # letters are likelier than marks
    model.save_pretrained(home)


def _judge(home, role, processor, mean):
    frames = {"num_frames": 16, "tubelet_size": 2} if role == "video judge" else {}
    _saved(home, role, **EYES, **frames, num_labels=CLASSES)
    processor.image_mean, processor.image_std = [mean] * 3, [0.5] * 3
    processor.save_pretrained(home)
