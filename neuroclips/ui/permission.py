"""What a visitor may start or hand in: everything on one's own machine, nothing where the public comes.

Decided here, on the server; the page only shows what was decided.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import Protocol

from neuroclips.errors import InputError

ALLOW = "NEUROCLIPS_ALLOW"  # what everybody may do, such as train,upload; set and empty: nothing
WHAT = {"train": "Training", "upload": "Uploading"}  # that may be allowed, in words
_HOSTS = {"": os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")}  # one entry: where this process listens


class Profile(Protocol):
    """Who is logged in through Hugging Face: the part of gr.OAuthProfile that is looked at."""

    username: str


def listens_at(host: str) -> None:
    """Say at which address the server listens: on others than this machine's own, its visitors are the public."""
    _HOSTS[""] = host


def allowed(what: str, profile: Profile | None = None) -> bool:
    """Whether a visitor may "train" or "upload", by the variable NEUROCLIPS_ALLOW, else on a private machine.

    The owner of a Space, logged in through OAuth, always may. Raises InputError for another word in the variable.
    """
    if is_owner(profile):
        return True
    words = os.environ.get(ALLOW)
    return what in _listed(words) if words is not None else not is_public()


def refuse(what: str, profile: Profile | None = None) -> None:
    """Raise InputError, with what to do, unless a visitor may."""
    if not allowed(what, profile):
        login = ", or log in as the owner of this Space" if os.environ.get("SPACE_ID") else ""
        raise InputError(
            f"{WHAT[what]} is off where the public comes: do it on a machine of your own, start the app with "
            f"{ALLOW}={what}{login}"
        )


def is_public() -> bool:
    """Whether others than the user of this machine can reach the app: on a Space, from the network, by a link or proxy.

    A proxy is known by the path that gradio is told of; one that serves the app at its root cannot be seen.
    """
    shared = os.environ.get("GRADIO_SHARE", "").strip().lower() in ("1", "true")
    elsewhere = shared or any(os.environ.get(name) for name in ("SPACE_ID", "GRADIO_ROOT_PATH"))
    return elsewhere or not _is_own(_HOSTS[""])


def _is_own(host: str) -> bool:
    name = host.strip("[]").lower()
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:  # the name of a machine
        return False


def is_owner(profile: Profile | None) -> bool:
    """Whether the owner of this Space is logged in."""
    owner = os.environ.get("SPACE_AUTHOR_NAME")
    return bool(owner and os.environ.get("SPACE_ID") and profile is not None and profile.username == owner)


def _listed(words: str) -> set[str]:
    listed = {word.strip() for word in words.split(",")} - {""}
    if listed - WHAT.keys():
        raise InputError(f"got {ALLOW}={words}, expected a list of these, or nothing: {','.join(WHAT)}")
    return listed
