"""The released Perception Reconstructor: voxels to the latents of a blurry video."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from neuroclips.ranges import Checked, Depth, Width
from neuroclips.reconstructors.released.mixer import Backbone, Mixer, SubjectLinears
from neuroclips.reconstructors.released.video_decoder import VideoDecoder


@dataclass(frozen=True)
class ReleasedPerceptionConfig(Checked):
    """Sizes; the defaults are the released ones.

    `group_length` None attends over exactly the frames of each clip. A number attends as the released code does, over
    groups of that many frames of the flattened batch: it used 10 to reconstruct and 240 to train, so that groups
    straddle clips and a reconstruction depends on its neighbours in the batch. The last group may be shorter; a single
    clip of no more than that many frames is one group, and then both are the same.
    """

    n_frames: Width = 6
    hidden_dim: Width = 4096
    extension_dim: Width = 256
    n_blocks: Depth = 4
    start_channels: Width = 64
    start_side: Width = 7
    channels: tuple[Width, ...] = (128, 64, 32)  # at sides 7, 14 and 28
    latent_channels: Width = 4
    maps_dim: Width = 512
    group_length: Width | None = None

    def build(self, n_voxels: int) -> ReleasedPerception:
        return ReleasedPerception(self, n_voxels)


class InceptionExtension(Mixer):
    """One fMRI to n_frames fMRIs by a shallow MLP on the voxels themselves, frame by slices of its output.

    The last layer is followed by a GELU too: what it gives are not z-scores, but numbers above -0.17. That the
    mixer's one linear map has a GELU as well is taken from the layers around it; it moves the scalar of the mixer only.
    """

    def __init__(self, n_voxels: int, dim: int, n_frames: int, dropout: float = 0.15):
        super().__init__(dim, 1, dropout, hidden=False)
        self.shape = (n_frames, n_voxels)
        self.lin0 = nn.Sequential(nn.Linear(n_voxels, dim), nn.GELU(), nn.Dropout(dropout))
        self.lin1 = nn.Sequential(nn.Linear(dim, n_frames * n_voxels), nn.GELU(), nn.Dropout(dropout))

    def forward(self, voxels: Tensor) -> Tensor:
        """(B, n_voxels) to (B, n_frames, n_voxels)."""
        return self.lin1(self.mixed(self.lin0(voxels))).unflatten(1, self.shape)


class PerceptionBackbone(Backbone):
    """Hidden features of single frames to their latents."""

    def __init__(self, config: ReleasedPerceptionConfig):
        super().__init__(config.hidden_dim, config.n_blocks)
        decoder = VideoDecoder(config.start_channels, config.channels, config.latent_channels)
        self.add_maps(config.hidden_dim, config.start_channels, config.start_side, config.maps_dim, decoder)

    def forward(self, hidden: Tensor, group_length: int) -> Tensor:
        """(N, hidden_dim) to (N, latent_channels, h, w)."""
        return self.bupsampler(self.start_maps(self.mixed(hidden)), group_length)


class ReleasedPerception(nn.Module):
    """Inception Extension, linear map, mixer, maps, video decoder."""

    def __init__(self, config: ReleasedPerceptionConfig, n_voxels: int):
        super().__init__()
        self.config = config
        self.fmri = InceptionExtension(n_voxels, config.extension_dim, config.n_frames)
        self.ridge1 = SubjectLinears(n_voxels, config.hidden_dim)
        self.backbone = PerceptionBackbone(config)

    @property
    def n_voxels(self) -> int:
        return self.voxel_weights.shape[1]

    @property
    def voxel_weights(self) -> Tensor:
        """Of the subject's linear map (hidden_dim, n_voxels), which is applied to the extended voxels."""
        return self.ridge1.weight

    def forward(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to scaled latents (B, n_frames, latent_channels, h, w)."""
        hidden = self.ridge1(self.fmri(voxels).flatten(0, 1))  # (B n_frames, hidden_dim)
        latents = self.backbone(hidden, self.config.group_length or self.config.n_frames)
        return latents.unflatten(0, (len(voxels), -1))  # (B, n_frames, latent_channels, h, w)
