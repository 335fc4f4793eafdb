"""What a zoo needs and what this machine has: models, disk, memory, accelerators, libraries. Nothing is fetched.

Within a second or two: torch is imported only where no other way tells what accelerator there is.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

from neuroclips import lock
from neuroclips.budget import Choice, chosen, of_accelerator
from neuroclips.disk import free_bytes
from neuroclips.errors import MissingError
from neuroclips.fetched import download_command, files_of, gigabytes, home_of, missing
from neuroclips.parts import Part, Zoo
from neuroclips.paths import models_dir
from neuroclips.zoo_table import DEFAULT, RECONSTRUCTORS

LIBRARIES = ("torch", "diffusers", "transformers", "open_clip_torch", "accelerate", "safetensors", "huggingface_hub")
ASKED = "index,name,memory.total,memory.free,compute_cap"  # of nvidia-smi
WITHIN = 10.0  # [s] for its answer
BFLOAT16_SINCE = 8.0  # compute capability


@dataclass(frozen=True)
class Role:
    """A model of the zoo: where it is, empty for nowhere, and whether the zoo's own settings need it."""

    role: str
    source: str
    where: str
    needed: bool
    size: float  # [GB] to fetch
    checkpoint: str  # the file that it is made from, if it is
    licence: str
    revision: str

    def line(self, width: int) -> str:
        """In a row of the table."""
        state = "there" if self.where else "MISSING" if self.needed else "not needed"
        size = f"{self.size:.1f} GB" if self.size else "shipped" if self.where == self.source else "small"
        size += f" ({self.checkpoint})" if self.checkpoint else ""
        about = [size, self.licence, self.source + f" at {self.revision[:12]}" * bool(self.revision)]
        about += [f"in {self.where}"] if self.where not in ("", self.source) else []
        return f"{self.role:{width}}  {state:10}  {', '.join(about)}"


@dataclass(frozen=True)
class Gpu:
    """An accelerator: its name as a device, its memory [GB] and whether it multiplies bfloat16 by itself."""

    device: str
    name: str
    total: float
    free: float
    bfloat16: bool


@dataclass(frozen=True)
class Report:
    """All that `doctor` tells; sizes in GB."""

    zoo: str
    roles: tuple[Role, ...]
    reconstructors: tuple[int, ...]  # subjects whose reconstructors are there
    models: str
    to_fetch: float
    disk_free: float
    ram: float
    ram_free: float
    ram_needed: float
    gpus: tuple[Gpu, ...]
    device: str
    dtype: str
    memory: str
    memory_told: str
    libraries: dict[str, str]
    next: str

    @property
    def can_run(self) -> bool:
        """Whether everything that the zoo's own settings need is there."""
        return bool(self.reconstructors) and all(role.where for role in self.roles if role.needed)

    def lines(self) -> list[str]:
        """For a terminal; the last one says what to do."""
        width = max(len(role.role) for role in self.roles)
        room = "" if self.disk_free > self.to_fetch else ", TOO LITTLE"
        subjects = ", ".join(map(str, self.reconstructors)) or "no subject"
        return [
            *(role.line(width) for role in self.roles),
            f"reconstructors of {subjects}",
            f"models in {self.models}: {self.to_fetch:.1f} GB to fetch, {self.disk_free:.1f} GB of disk free{room}",
            f"main memory {self.ram:.1f} GB, {self.ram_free:.1f} GB free, {self.ram_needed:.1f} GB for weights"
            + ", TOO LITTLE" * (self.ram_free < self.ram_needed),
            f"accelerators: {self._gpus()}",
            f"computes on {self.device} in {self.dtype}, {self.memory_told}, attention by torch SDPA",
            ", ".join(f"{name} {version or 'MISSING'}" for name, version in self.libraries.items()),
            f"next: {self.next}",
        ]

    def _gpus(self) -> str:
        return "; ".join(f"{g.device} {g.name}, {g.total:.1f} GB, {g.free:.1f} GB free" for g in self.gpus) or "none"


def examine(zoo: Zoo) -> Report:
    """What there is for a zoo on this machine."""
    needed = {part.role for part in zoo.with_needs(*zoo.roles())}
    roles = tuple(_role(part, part.role in needed) for part in zoo.parts if part.kind != "reconstructor")
    lacking = missing(zoo, needed)
    subjects = tuple(
        subject
        for subject in range(1, 10)
        if all(zoo.part(role).of(subject).folder.is_dir() for role in RECONSTRUCTORS)
    )
    gpus, memory = accelerators(), psutil.virtual_memory()
    dtype = of_accelerator(gpus[0].bfloat16) if zoo.is_large and gpus else "float32"
    choice = _choice(zoo, gpus, dtype)
    return Report(
        zoo.name,
        roles,
        subjects,
        str(models_dir()),
        gigabytes(lacking),
        free_bytes(models_dir()) / 1e9,
        memory.total / 1e9,
        memory.available / 1e9,
        choice.needed if choice.memory != "whole" or not gpus else choice.largest,
        gpus,
        gpus[0].device if gpus else "cpu",
        dtype,
        choice.memory,
        choice.told(bool(gpus)),
        {name: _version(name) for name in LIBRARIES},
        _next(zoo, lacking, subjects),
    )


def _role(part: Part, needed: bool) -> Role:
    revision = part.revision or lock.read(models_dir(), part.repository).revision
    source = str(part.folder) if part.is_local else part.repository
    about = (part.size, part.checkpoint, part.licence, "" if part.is_local else revision)
    return Role(part.role, source, _where(part), needed, *about)


def _where(part: Part) -> str:
    if part.is_local:
        return str(part.folder) if part.folder.is_dir() else ""
    if not files_of(part):
        return "what it needs"
    try:
        return str(home_of(part))
    except MissingError:
        return ""


def _choice(zoo: Zoo, gpus: tuple[Gpu, ...], dtype: str) -> Choice:
    free = gpus[0].free if gpus else psutil.virtual_memory().available / 1e9
    return chosen(zoo, free, dtype, None if gpus and zoo.is_large else "whole")


def _next(zoo: Zoo, lacking: tuple[Part, ...], subjects: tuple[int, ...]) -> str:
    option = "" if zoo.name == DEFAULT else f" --zoo {zoo.name}"
    if lacking:
        return download_command(zoo, lacking)
    if not subjects:
        return "neuroclips train --help, for reconstructors of a subject, which --reconstructors FOLDER takes, too"
    return f"neuroclips reconstruct{option} --subject {subjects[0]} --clip 0"


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def accelerators() -> tuple[Gpu, ...]:
    """Those that torch could compute on: NVIDIA's own tool is asked, of other makers torch itself."""
    if shutil.which("nvidia-smi"):
        return () if "+cpu" in _version("torch") else _nvidia()
    if platform.system() == "Darwin" or Path("/dev/kfd").exists() or Path("/dev/dri").exists():
        return _of_torch()
    return ()


def _nvidia() -> tuple[Gpu, ...]:
    command = ["nvidia-smi", f"--query-gpu={ASKED}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return _of_torch()
    try:
        return _seen(said, os.environ.get("CUDA_VISIBLE_DEVICES"))
    except ValueError:
        return _of_torch()


def _seen(said: str, visible: str | None) -> tuple[Gpu, ...]:
    """Of a table of nvidia-smi, the rows that CUDA_VISIBLE_DEVICES leaves, numbered as torch numbers them.

    Raises ValueError for devices that are named otherwise than by number, and for a memory that is not told.
    """
    rows = {row[0]: row[1:] for line in said.splitlines() if len(row := [x.strip() for x in line.split(",")]) == 5}
    shown = list(rows) if visible is None else [str(int(number)) for number in visible.split(",") if number.strip()]
    mib = 2**20 / 1e9
    return tuple(
        Gpu(f"cuda:{i}", name, float(total) * mib, float(free) * mib, float(capability) >= BFLOAT16_SINCE)
        for i, (name, total, free, capability) in enumerate(rows[number] for number in shown if number in rows)
    )


def _of_torch() -> tuple[Gpu, ...]:
    import torch

    from neuroclips.placement import devices, free_on
    from neuroclips.pretrained.precision import has_bfloat16

    found = [torch.device(name) for name in devices() if name != "cpu"]
    ram = psutil.virtual_memory().total / 1e9
    totals = [torch.cuda.mem_get_info(d)[1] / 1e9 if d.type == "cuda" else ram for d in found]
    return tuple(
        Gpu(str(d), d.type, total, free_on(d), has_bfloat16(d.type)) for d, total in zip(found, totals, strict=True)
    )
