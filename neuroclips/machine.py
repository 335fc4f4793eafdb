"""What decides how films are rounded: on the same machine a film comes out the same to the bit."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import diffusers
import torch
import transformers


def described(precision: str) -> str:
    """Processor or accelerator, threads, libraries, and the precision of the diffusion models."""
    amx = torch.cpu._is_amx_tile_supported()
    kind = f"{platform.machine()} {_processor()}, {torch.backends.cpu.get_cpu_capability()}, AMX {amx}"
    if torch.cuda.is_available():
        kind += f", {torch.cuda.get_device_name()}"
    libraries = ", ".join(f"{x.__name__} {x.__version__}" for x in (torch, diffusers, transformers))
    return f"{kind}, {torch.get_num_threads()} threads, {libraries}, {precision}"


def key(precision: str) -> str:
    """`described` in eight letters, for records that only ask whether it is the same."""
    return hashlib.sha256(described(precision).encode()).hexdigest()[:8]


def _processor() -> str:
    info = Path("/proc/cpuinfo")  # of Linux
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = next((line for line in lines if line.startswith("model name")), "")
    return named.partition(": ")[2] or platform.processor()
