"""The Hugging Face hub, for whoever fetches from it: without a connection it ends in one line within seconds.

The hub's library tries again for most of a minute, and says so on the terminal. Here the hub is asked once, for
anything; where it gives no answer, only what was fetched before is looked at, as under HF_HUB_OFFLINE=1.
"""

from __future__ import annotations

import errno
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from safetensors import SafetensorError

from neuroclips.errors import InputError, MissingError

WITHIN = 5.0  # [s] for any answer: looking up the name, connecting and proxies included
REMEMBERED = 300.0  # [s]
OUR_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
_FETCHING = threading.RLock()
RAISED = (OSError, RuntimeError, ValueError, SafetensorError)  # by libraries that cannot fetch, or read what they have


@contextmanager
def fetching(what: str, instead: str) -> Iterator[None]:
    """Libraries may fetch inside the block. What they raise becomes one line: `what` is not there, `instead` helps."""
    silence = _silence()
    try:
        with _offline(bool(silence)), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The `local_dir_use_symlinks` argument")  # which libraries still give
            yield
    except InputError:
        raise
    except RAISED as error:
        if "size mismatch" in str(error) or "out of memory" in str(error) or getattr(error, "errno", None) in OUR_DISK:
            raise  # it was there, or there is no place for it
        reason = (str(error).strip() or "no reason given").splitlines()[0][:120]
        why = f"{silence}; " if silence else ""
        raise MissingError(
            f"could not load {what} from the hub ({why}{type(error).__name__}: {reason}): check the connection, set "
            f"HF_HUB_OFFLINE=1 to ask only the files fetched before (in HF_HOME), or {instead}"
        ) from error


def _silence() -> str:
    """Why the hub gives no answer; empty where it does, or is not to be asked. What it said holds for some minutes."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return ""
    return _heard(constants.ENDPOINT, int(time.monotonic() // REMEMBERED))


@lru_cache(maxsize=1)
def _heard(address: str, when: int) -> str:
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(_ask(address)), daemon=True)
    asking.start()
    asking.join(WITHIN)  # what a name server does not answer is beyond the timeout of a connection
    return said[0] if said else f"{address} gave no answer within {WITHIN:g} s"


def _ask(address: str) -> str:
    from huggingface_hub.utils import get_session

    try:
        status = get_session().head(address, timeout=WITHIN).status_code
    except Exception as error:  # of whichever library the hub's uses
        return f"{address} gave no answer: {str(error).strip() or type(error).__name__}".splitlines()[0][:200]
    return f"{address} answered {status}" if status >= 500 else ""


@contextmanager
def _offline(wanted: bool) -> Iterator[None]:
    """The switch of HF_HUB_OFFLINE, for as long as the block runs: the libraries ask for it each time.

    One thread fetches at a time; what it loads may fetch again.
    """
    from huggingface_hub import constants

    with _FETCHING:
        before = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = before or wanted
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = before
