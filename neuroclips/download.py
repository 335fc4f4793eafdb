"""Fetch the files of a zoo from the hub: those that are needed and no others, verified, recorded, and gone on with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from neuroclips import lock
from neuroclips.disk import expect_folder, expect_free
from neuroclips.errors import InputError, MissingError
from neuroclips.fetched import INDEX, files_of, is_there, shards
from neuroclips.files import sha256_of
from neuroclips.hub import fetching
from neuroclips.parts import Part, Zoo
from neuroclips.paths import models_dir
from neuroclips.sizes.unclip import FILE as UNCLIP_FILE

BESIDE = (".json", ".txt", ".model")  # what configures a model or is a vocabulary
SMALL = 50 * 10**6  # [bytes], the most that is fetched because it lies beside a model
# files that are made into others after they were fetched -> what makes them, of a file and a folder, and how much more
# than the file is needed for that, as a share of it
CONVERTERS = {UNCLIP_FILE: ("neuroclips.pretrained.unclip_checkpoint:convert", 0.32)}
AGAIN = "run the same command again, which goes on where it was"


@dataclass(frozen=True)
class File:
    """A file of a repository: its size [bytes], and its sha256, or the hash that git has of a small one."""

    name: str
    size: int
    sha256: str
    git: str


@dataclass(frozen=True)
class Repository:
    """What is fetched of one commit of a repository, for some parts."""

    name: str
    in_dataset: bool
    revision: str
    parts: tuple[Part, ...]
    files: tuple[File, ...]
    to: Path

    @property
    def folder(self) -> Path:
        return self.to / self.name

    def path(self, file: File) -> Path:
        """Where a file is, or will be."""
        return self.folder / file.name

    @property
    def n_bytes(self) -> int:
        """Still to be written: of files that are not there, and of what is made of them."""
        new = (file for file in self.files if not self.has(file))
        return sum(round(file.size * (1 + CONVERTERS.get(file.name, ("", 0.0))[1])) for file in new)

    def has(self, file: File) -> bool:
        """Whether a file of that name and size is there."""
        return self.path(file).is_file() and self.path(file).stat().st_size == file.size


def download(
    zoo: Zoo,
    roles: Collection[str],
    to: Path | None = None,
    keep_checkpoint: bool = False,
    say: Callable[[str], None] = print,
) -> list[Part]:
    """Fetch what these roles need and what is not there, into `to`, else the folder of models; gives those parts.

    What was fetched before is verified. Raises InputError for a disk without room and for a file that is not the one
    that was published or fetched first, MissingError for what the hub does not give.
    """
    home = expect_folder(to or models_dir())
    parts = [part for part in zoo.with_needs(*roles) if not part.is_local]
    wanted = [part for part in parts if not is_there(part, to)]
    for part in parts:
        if part not in wanted:
            say(f"{part.role}: there{', verified' if verify(part, home) else ''}")
    repositories = [_planned(list(group), home) for _, group in groupby(sorted(wanted, key=_place), _place)]
    do = "make room, choose another folder with --to, or fetch role by role with --role"
    expect_free(home, sum(repository.n_bytes for repository in repositories), do)
    for repository in repositories:
        _fetch(repository, keep_checkpoint, say)
    return wanted


def _place(part: Part) -> tuple[str, str]:
    return part.repository, part.revision or ""


def verify(part: Part, models: Path) -> bool:
    """Whether files of a part lie in a folder of models; raises InputError for one that is not what was fetched."""
    recorded = lock.read(models, part.repository)
    found = [name for each in files_of(part) for name in each.split("|") if name in recorded.sha256]
    found += [name for index in found for name in shards(models / part.repository, index)]
    for name in found:
        path = models / part.repository / name
        if path.is_file() and (got := sha256_of(path)) != recorded.sha256[name]:
            raise InputError(
                f"{path}: got a file of sha256 {got[:12]}, expected {recorded.sha256[name][:12]}, which was fetched "
                "first: delete it and download again"
            )
    return bool(found)


def _planned(parts: list[Part], to: Path) -> Repository:
    first = parts[0]
    recorded = lock.read(to, first.repository)
    info = _listed(first, first.revision or recorded.revision or None)
    files = {file.name: file for file in map(_file, info.siblings)}
    names = dict.fromkeys(name for part in parts for name in _names(part, files, info.sha, to))
    return Repository(
        first.repository, first.in_dataset, info.sha, tuple(parts), tuple(files[name] for name in names), to
    )


def _listed(part: Part, revision: str | None) -> Any:
    from huggingface_hub import HfApi, constants

    with fetching(f"what there is of {part.repository}", AGAIN):
        return HfApi(endpoint=constants.ENDPOINT).repo_info(
            part.repository, revision=revision, repo_type=_repo_type(part.in_dataset), files_metadata=True, timeout=30
        )


def _file(sibling: Any) -> File:
    return File(sibling.rfilename, sibling.size or 0, sibling.lfs.sha256 if sibling.lfs else "", sibling.blob_id or "")


def _names(part: Part, files: dict[str, File], revision: str, to: Path) -> Iterator[str]:
    """The files to fetch for a part. Raises MissingError for one that the repository lacks."""
    if part.checkpoint:
        yield _first(part, part.checkpoint, files)
        return
    chosen = [_first(part, each, files) for each in files_of(part)]
    yield from chosen
    for name in chosen:
        if name.endswith(INDEX):
            _hub_file(part.repository, part.in_dataset, name, revision, to / part.repository)
            yield from (_first(part, shard, files) for shard in shards(to / part.repository, name))
    folders = {PurePosixPath(name).parent for name in chosen}
    yield from (file.name for file in files.values() if _is_beside(file, folders))


def _first(part: Part, alternatives: str, files: dict[str, File]) -> str:
    found = next((name for name in alternatives.split("|") if name in files), None)
    if found is None:
        raise MissingError(f"no {alternatives.replace('|', ' or ')} in {part.repository}, expected it for {part.role}")
    return found


def _is_beside(file: File, folders: Collection[PurePosixPath]) -> bool:
    path = PurePosixPath(file.name)
    small = path.suffix in BESIDE and not file.name.endswith(INDEX) and file.size < SMALL
    return small and path.parent in folders


def _fetch(repository: Repository, keep_checkpoint: bool, say: Callable[[str], None]) -> None:
    roles = ", ".join(part.role for part in repository.parts)
    say(f"{roles}: {repository.name} at {repository.revision[:12]}, {repository.n_bytes / 1e9:.2f} GB")
    pins = {name: digest for part in repository.parts for name, digest in part.sha256}
    recorded = lock.read(repository.to, repository.name)
    known = recorded.sha256 if recorded.revision == repository.revision else {}
    for file in repository.files:
        if not repository.has(file):  # a file that was cut since would be taken for whole by the hub's library
            repository.path(file).unlink(missing_ok=True)
        _hub_file(repository.name, repository.in_dataset, file.name, repository.revision, repository.folder)
        sha256 = _verified(repository.path(file), file, (pins.get(file.name), known.get(file.name)))
        lock.add(repository.to, repository.name, repository.revision, file.name, file.size, sha256)
    for name in {part.checkpoint for part in repository.parts if part.checkpoint}:
        say(f"{roles}: {name} is converted")
        subfolder = next(part.subfolder for part in repository.parts if part.checkpoint == name) or ""
        _converter(name)(repository.folder / name, repository.folder / PurePosixPath(subfolder).parts[0])
        if not keep_checkpoint:
            (repository.folder / name).unlink()


def _converter(name: str) -> Callable[[Path, Path], object]:
    module, _, function = CONVERTERS[name][0].partition(":")
    return getattr(import_module(module), function)


def _hub_file(repository: str, in_dataset: bool, name: str, revision: str, folder: Path) -> None:
    """Fetch one file, or the rest of it; the hub's library shows a bar."""
    from huggingface_hub import constants, hf_hub_download

    with fetching(f"{name} of {repository}", AGAIN):
        hf_hub_download(
            repository,
            name,
            revision=revision,
            repo_type=_repo_type(in_dataset),
            local_dir=folder,
            endpoint=constants.ENDPOINT,
        )


def _repo_type(in_dataset: bool) -> str:
    return "dataset" if in_dataset else "model"


def _verified(path: Path, file: File, expected: Collection[str | None]) -> str:
    """The sha256 of a file. One that is not what the hub, the table or the lock says is removed: InputError."""
    sha256, wrong = sha256_of(path), ""
    if path.stat().st_size != file.size:
        wrong = f"{path.stat().st_size:,} bytes, expected {file.size:,}"
    for digest in (file.sha256, *expected):
        if digest and not sha256.startswith(digest):
            wrong = f"a file of sha256 {sha256[:12]}, expected {digest[:12]}"
    if not file.sha256 and file.git and _git_hash(path) != file.git:
        wrong = f"a file of another content than git's {file.git[:12]}"
    if wrong:
        path.unlink()
        raise InputError(f"{path}: got {wrong}: it was removed; download again")
    return sha256


def _git_hash(path: Path) -> str:
    begun = hashlib.sha1(f"blob {path.stat().st_size}\0".encode())  # noqa: S324 - as git names contents
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: begun).hexdigest()
