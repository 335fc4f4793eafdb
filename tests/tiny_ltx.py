"""A tiny LTX-Video of random weights, in the folders of the hub's or in the one file of Lightricks."""

from pathlib import Path

import sentencepiece
import torch
from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
from safetensors.torch import save_file
from transformers import T5Config, T5EncoderModel

WIDTH, CHANNELS = 32, 8  # of words, of latents
TRANSFORMER = {
    "in_channels": CHANNELS,
    "out_channels": CHANNELS,
    "num_attention_heads": 2,
    "attention_head_dim": 16,
    "cross_attention_dim": WIDTH,
    "num_layers": 2,
    "caption_channels": WIDTH,
}
VAE = {  # as ltx_layout.VAE, which tells what each is
    "latent_channels": CHANNELS,
    "block_out_channels": (8, 8, 8, 8, 8),
    "down_block_types": ("LTXVideo095DownBlock3D",) * 4,
    "decoder_block_out_channels": (8, 8, 8),
    "layers_per_block": (1, 1, 1, 1, 1),
    "decoder_layers_per_block": (1, 1, 1, 1),
    "spatio_temporal_scaling": (True, True, True, True),
    "decoder_spatio_temporal_scaling": (True, True, True),
    "decoder_inject_noise": (False, False, False, False),
    "downsample_type": ("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
    "upsample_residual": (True, True, True),
    "upsample_factor": (1, 1, 1),
    "timestep_conditioning": True,
    "patch_size": 4,
    "spatial_compression_ratio": 32,
    "temporal_compression_ratio": 8,
}
SENTENCES = ("a dog runs over the green grass", "a cat sits on a red car", "a plane flies in the blue sky")


def save_ltx(home: Path) -> None:
    """text_encoder/, tokenizer/, transformer/ and vae/ in a folder."""
    save_words(home)
    transformer, vae = made()
    transformer.save_pretrained(home / "transformer")
    vae.save_pretrained(home / "vae")


def made() -> tuple[LTXVideoTransformer3DModel, AutoencoderKLLTXVideo]:
    torch.manual_seed(0)
    return LTXVideoTransformer3DModel(**TRANSFORMER), AutoencoderKLLTXVideo(**VAE)


def save_words(home: Path) -> None:
    """T5 with a vocabulary of its own, of which the hub has the sentencepiece file alone."""
    torch.manual_seed(1)
    folder = home / "tokenizer"
    folder.mkdir(parents=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 10),
        model_prefix=str(folder / "spiece"),
        vocab_size=28,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "spiece.vocab").unlink()
    config = T5Config(vocab_size=128, d_model=WIDTH, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    T5EncoderModel(config).save_pretrained(home / "text_encoder")


# of a codec of 0.9.1: what diffusers calls a block, and how the file that Lightricks wrote does
VAE_OF_FILE = {
    "latent_channels": CHANNELS,
    "block_out_channels": (8, 8, 8, 8),
    "decoder_block_out_channels": (8, 8, 8),
    "layers_per_block": (1, 1, 1, 1, 1),
    "decoder_layers_per_block": (1, 1, 1, 1),
    "spatio_temporal_scaling": (True, True, True, False),
    "decoder_spatio_temporal_scaling": (True, True, True),
    "decoder_inject_noise": (False, False, False, False),
    "upsample_residual": (True, True, True),
    "upsample_factor": (1, 1, 1),
    "timestep_conditioning": True,
    "patch_size": 4,
}
OLD_NAMES = {
    "encoder.mid_block": "encoder.down_blocks.9",
    **{f"encoder.down_blocks.{i}.downsamplers.0": f"encoder.down_blocks.{3 * i + 1}" for i in range(3)},
    **{f"encoder.down_blocks.{i}.conv_out": f"encoder.down_blocks.{3 * i + 2}" for i in range(3)},
    **{f"encoder.down_blocks.{i}": f"encoder.down_blocks.{(0, 3, 6, 8)[i]}" for i in range(4)},
    "decoder.mid_block": "decoder.up_blocks.0",
    **{f"decoder.up_blocks.{i}.upsamplers.0": f"decoder.up_blocks.{2 * i + 1}" for i in range(3)},
    **{f"decoder.up_blocks.{i}": f"decoder.up_blocks.{2 * i + 2}" for i in range(3)},
    "decoder.time_embedder": "decoder.last_time_embedder",
    "decoder.scale_shift_table": "decoder.last_scale_shift_table",
    "latents_mean": "per_channel_statistics.mean-of-means",
    "latents_std": "per_channel_statistics.std-of-means",
}
OLD_WORDS = {"resnets": "res_blocks", "proj_in": "patchify_proj", "time_embed.": "adaln_single."}
OLD_WORDS |= {"norm_q": "q_norm", "norm_k": "k_norm"}


def save_file_of_lightricks(file: Path) -> tuple[dict, dict]:
    """Transformer and codec by the names that Lightricks gives them; returns both states by those of diffusers."""
    torch.manual_seed(0)
    transformer = LTXVideoTransformer3DModel(**TRANSFORMER).state_dict()
    vae = AutoencoderKLLTXVideo(**VAE_OF_FILE).state_dict()
    state = {f"model.diffusion_model.{_worded(name)}": value for name, value in transformer.items()}
    for name, value in vae.items():
        block = next((known for known in OLD_NAMES if name.startswith(known)), "")
        state[f"vae.{_worded(OLD_NAMES.get(block, '') + name.removeprefix(block))}"] = value
    save_file({name: value.contiguous() for name, value in state.items()}, file)
    return transformer, vae


def _worded(name: str) -> str:
    for word, old in OLD_WORDS.items():
        name = name.replace(word, old)
    return name
