"""A small SDXL unCLIP, and the checkpoint that sgm would have written of it: names by formulas of their own."""

import re

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

UNET = {
    "sample_size": 8,
    "block_out_channels": (32, 64, 64),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 2,
    "transformer_layers_per_block": (1, 2, 3),
    "attention_head_dim": (1, 2, 2),
    "cross_attention_dim": 16,
    "use_linear_projection": True,
    "class_embed_type": "projection",
    "projection_class_embeddings_input_dim": 32,
}
VAE = {
    "sample_size": 64,
    "block_out_channels": (32, 32, 64, 64),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
    "scaling_factor": 0.13025,
}
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
OUTER = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "class_embedding.linear_1": "label_emb.0.0",
    "class_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def small_unclip():
    """A UNet and an autoencoder of random weights, the biases and norms among them."""
    torch.manual_seed(0)
    unet, vae = UNet2DConditionModel(**UNET).eval(), AutoencoderKL(**VAE).eval()
    with torch.no_grad():
        for values in (*unet.parameters(), *vae.parameters()):
            if values.ndim == 1:
                values.add_(0.1 * torch.randn_like(values))
    return unet.requires_grad_(False), vae.requires_grad_(False)


def unet_name(name: str) -> str:
    """sgm's name of a tensor of a UNet with three levels, two layers each."""
    home, end = name.rsplit(".", 1)
    if home in OUTER:
        return f"{OUTER[home]}.{end}"
    level, kind, layer, rest = re.fullmatch(r"(?:down|up|mid)_blocks?\.(?:(\d)\.)?(\w+)\.(\d)\.(.*)", name).groups()
    level, layer = int(level or 0), int(layer)
    if kind == "resnets":
        part, end = rest.rsplit(".", 1)
        rest = f"{RESNET[part]}.{end}"
    if name.startswith("mid"):
        return f"middle_block.{1 if kind == 'attentions' else 2 * layer}.{rest}"
    if kind == "downsamplers":
        return f"input_blocks.{3 * (level + 1)}.0.op.{end}"
    if kind == "upsamplers":
        return (
            f"output_blocks.{3 * level + 2}.2.conv.{end}"  # behind resnet and attention, of which both levels have one
        )
    side, first = ("input_blocks", 1) if name.startswith("down") else ("output_blocks", 0)
    return f"{side}.{first + 3 * level + layer}.{1 if kind == 'attentions' else 0}.{rest}"


def vae_name(name: str) -> str:
    """sgm's name of a tensor of an autoencoder with four levels."""
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    if found := re.fullmatch(r"(\w+)\.mid_block\.attentions\.0\.(.*)\.(\w+)", name):
        return f"{found[1]}.mid.attn_1.{ATTENTION[found[2]]}.{found[3]}"
    name = re.sub(r"down_blocks\.(\d)", r"down.\1", name)
    name = re.sub(r"up_blocks\.(\d)", lambda m: f"up.{3 - int(m[1])}", name)
    return re.sub(r"resnets\.(\d)", r"block.\1", re.sub(r"(down|up)samplers\.0", r"\1sample", name))


def sgm_state(unet, vae) -> dict[str, torch.Tensor]:
    """The state dict of sgm's DiffusionEngine around both, and the tower of CLIP that it kept."""
    state = {f"model.diffusion_model.{unet_name(name)}": value for name, value in unet.state_dict().items()}
    for name, value in vae.state_dict().items():
        linear = "attentions" in name and name.endswith("weight") and "norm" not in name
        state[f"first_stage_model.{vae_name(name)}"] = value[:, :, None, None] if linear else value
    return state | {
        "denoiser.sigmas": torch.linspace(0.03, 14.6, 1000),
        "conditioner.embedders.0.model.visual.proj": torch.zeros(16, 8),
        "conditioner.embedders.0.model.logit_scale": torch.tensor(4.6),
    }


def lightning(state: dict[str, torch.Tensor]) -> dict:
    """What PyTorch Lightning saves."""
    return {"epoch": 0, "global_step": 110000, "pytorch-lightning_version": "2.0.1", "state_dict": state, "loops": {}}
