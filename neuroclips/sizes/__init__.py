"""Every component of the paper zoo at its real size: configs as plain data, parameter counts, and how to build them.

Nothing is fetched: what is built has random weights, or on the device "meta" none at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuroclips.errors import InputError
from neuroclips.sizes.frozen import FROZEN
from neuroclips.sizes.reconstructors import N_VOXELS, ROLES, reconstructor
from neuroclips.sizes.size import Size, count

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["N_VOXELS", "SIZES", "Size", "build", "count", "size_of"]
SIZES = (*FROZEN, *ROLES)  # roles whose real size is known


def size_of(role: str, subject: int = 1) -> Size:
    """The real size of a role; of a reconstructor, that of a subject. Raises InputError for an unknown one."""
    if role not in SIZES:
        raise InputError(f"got role {role!r}, expected one of: {', '.join(SIZES)}")
    return FROZEN[role] if role in FROZEN else reconstructor(role, subject)


def build(
    role: str,
    device: torch.device | str = "meta",
    dtype: torch.dtype | None = None,
    subject: int = 1,
    **changes: Any,
) -> nn.Module:
    """A role's component at its real size, frozen, with random weights; see Size.make. dtype None is float32."""
    return size_of(role, subject).make(device, dtype, **changes)
