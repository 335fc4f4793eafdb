"""Read files that may be anything: one place for each kind. What is damaged, no plain file or too large is named.

No code that is pickled in a file is ever run. Weights are read by neuroclips/tensors.py in the same way.
"""

from __future__ import annotations

import errno
import json
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

from neuroclips.errors import InputError, MissingError, TooLargeError

ARRAYS = "arrays of numbers (.npz)"
LFS = b"version https://git-lfs"  # what git leaves in place of a large file that was not fetched
# what keeps a good file from being read: no permission, too many open ones, a disk or a connection that fails
NOT_THE_FILE = (errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM, errno.ESTALE)
LARGEST_JSON = 256 * 2**20  # [bytes]


def plain_file(path: Path, expected: str = "a file") -> Path:
    """`path`, if a file with something in it is there: folders, pipes, devices and pointers of git-lfs are refused."""
    path = Path(path)
    if not path.exists():
        raise MissingError(f"no file {path}, expected {expected}")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no plain file"
        raise InputError(f"{path}: got {kind}, expected {expected}")
    with naming(path, expected), path.open("rb") as file:
        head = file.read(len(LFS))
    if not head:
        raise InputError(f"{path}: got an empty file, expected {expected}: copy it again")
    if head == LFS:
        raise InputError(f"{path}: got a pointer of git-lfs, expected {expected}: fetch the file itself (git lfs pull)")
    return path


@contextmanager
def naming(path: Path, expected: str) -> Iterator[None]:
    """Whatever goes wrong while `path` is read is raised as one InputError that names it."""
    try:
        yield
    except (InputError, ImportError):
        raise
    except MemoryError as error:
        raise TooLargeError(f"{path}: got more than fits into memory, expected {expected}") from error
    except Exception as error:  # libraries raise many kinds for a damaged file
        if getattr(error, "errno", None) in NOT_THE_FILE:
            raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise InputError(
            f"{path}: got a file that does not read ({reason}), expected {expected}: copy it again"
        ) from error


def refuse_beyond_memory(path: Path, n_bytes: int) -> None:
    """Raises TooLargeError when so many bytes, which a file claims to hold, are more than the memory that is free."""
    free = psutil.virtual_memory().available
    if n_bytes > free:
        raise TooLargeError(
            f"{path}: got {n_bytes / 1e9:,.1f} GB of values, expected at most the {free / 1e9:.1f} free"
        )


def read_json(path: Path, hook: Callable[[dict], dict] | None = None) -> dict:
    """The object in a JSON file; `hook` is given every object in it. Raises InputError for anything else."""
    expected = "a JSON object"
    if plain_file(path, expected).stat().st_size > LARGEST_JSON:
        raise TooLargeError(f"{path}: got more than {LARGEST_JSON:,} bytes, expected {expected}")
    with naming(path, expected):
        value = json.loads(Path(path).read_text(encoding="utf-8-sig"), object_hook=hook)
    if not isinstance(value, dict):
        raise InputError(f"{path}: got a {type(value).__name__}, expected {expected}")
    return value


def read_array(path: Path, mapped: bool = False) -> np.ndarray:
    """The numbers in a .npy file, on request mapped from disk: changes stay in memory."""
    expected = "an array of numbers (.npy)"
    with naming(plain_file(path, expected), expected):
        array = np.lib.format.open_memmap(path, "c")  # checks the size of the file, too
    _refuse_no_numbers(path, array)
    if mapped:
        return array
    refuse_beyond_memory(path, array.nbytes)
    with naming(path, expected):
        return np.array(array)


def array_names(path: Path) -> list[str]:
    """Names of the arrays in a .npz file."""
    with naming(plain_file(path, ARRAYS), ARRAYS), np.load(path) as stored:
        return list(stored.files)


def read_arrays(path: Path, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays in a .npz file by name; with `names`, these alone. Raises InputError with those that are missing."""
    there = array_names(path)
    wanted = there if names is None else names
    if missing := [name for name in wanted if name not in there]:
        raise InputError(f"{path}: got arrays {', '.join(there) or 'none'}, expected also {', '.join(missing)}")
    with naming(path, ARRAYS):
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename.removesuffix(".npy"): member.file_size for member in archive.infolist()}
        refuse_beyond_memory(path, sum(sizes.get(name, 0) for name in wanted))
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in wanted}
    for name, array in arrays.items():
        _refuse_no_numbers(f"{path}: {name}", array)
    return arrays


def _refuse_no_numbers(where: Path | str, array: np.ndarray) -> None:
    if not isinstance(array, np.ndarray) or array.dtype.names or array.dtype.kind not in "biufcUS":
        kind = getattr(array, "dtype", type(array).__name__)
        raise InputError(f"{where}: got values of type {kind}, expected numbers")
