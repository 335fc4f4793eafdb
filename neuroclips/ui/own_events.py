"""What happens on the tab "Your brain": files are taken and forgotten."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from neuroclips.errors import InputError
from neuroclips.ui import own_cards as cards
from neuroclips.ui import own_file, own_page, permission
from neuroclips.ui.own_page import N_PARTS, parts
from neuroclips.ui.upload_guard import profile_in
from neuroclips.ui.uploads import Visit, take_in, uploaded

N_EXAMPLE = 20  # samples of the simulated file


def expect_allowed(request: gr.Request) -> None:
    """Raises InputError where this visitor may not upload."""
    permission.refuse("upload", _profile(request))


def _profile(request: gr.Request):
    return profile_in(getattr(getattr(request, "request", None), "scope", {}))


def take(role: str, payload: Any, consent: object, request: gr.Request) -> tuple:
    """An uploaded file into memory, off the disk, and what the files of this visitor are together; see `parts`."""
    visit = own_page.VISITS.of(str(request.session_hash))
    try:
        path = uploaded(getattr(payload, "path", ""))
        try:
            expect_allowed(request)
            if consent is not True:
                raise InputError("got a file without the box ticked, expected your consent: tick it and upload again")
        finally:
            held = take_in(path)
        _forget_results(visit)
        visit.files[role] = held
        said = _read(visit)
    except InputError as error:
        said = cards.note(str(error), "bad") + cards.note(_held(visit))
    now = own_page.VISITS.now(request.session_hash)  # another one, if all was deleted while this was read
    return None, *parts(now, said if now is visit else "")


def taking(role: str) -> Callable:
    """`take` for one field; gradio reads the types of what it calls, so this is no partial."""

    def taken(payload: Any, consent: object, request: gr.Request) -> tuple:
        return take(role, payload, consent, request)

    return taken


def _forget_results(visit: Visit) -> None:
    visit.read, visit.rows = None, []


def _held(visit: Visit) -> str:
    """Which files are held, in a sentence; empty where there is none."""
    names = ", ".join(f"{own_file.ROLES[role]} {name}" for role, (name, _) in visit.files.items())
    return f"Held: {names}. Add what is missing, or delete your files and begin anew." if names else ""


def _read(visit: Visit) -> str:
    """Read what is there; returns what to say beside the field. Raises InputError for what does not read."""
    if "fmri" not in visit.files:
        return cards.note(f"{', '.join(own_file.ROLES[r] for r in visit.files)}: taken; the fMRI itself is missing.")
    visit.read = own_file.read(visit.files)
    beside = [f"{own_file.ROLES[role]} {name}" for role, (name, _) in visit.files.items() if role != "fmri"]
    return cards.note(f"Read{' with ' if beside else ''}{', '.join(beside)}; the copy on the server's disk is deleted.")


def example(request: gr.Request) -> tuple:
    """Some samples of simulated subject 1, as a file that a visitor could have."""
    from neuroclips.data.registry import load_dataset  # it brings torch, and the page should be up first

    data, buffer = load_dataset(), io.BytesIO()
    fmri = np.stack([data.sample(1, clip).voxels.numpy() for clip in range(N_EXAMPLE)])
    np.savez(buffer, fmri=fmri.astype(np.float16), vertex_index=data.vertex_index(1))
    own_page.VISITS.drop(request.session_hash)
    visit = own_page.VISITS.of(str(request.session_hash))
    visit.files["fmri"] = "simulated_subject1.npz", buffer.getvalue()
    _read(visit)
    return parts(visit, cards.note("A simulated file: nobody's brain. Its films are known, but the file has none."))


def forget(request: gr.Request) -> tuple:
    """Delete all that this visitor handed in."""
    own_page.VISITS.drop(request.session_hash)
    return parts(Visit(), cards.note("All your files, and what was made of them, are deleted."))


def agree(consent: object, request: gr.Request) -> tuple:
    """The fields are there while the box is ticked; when it is not any more, everything is deleted."""
    page = [gr.skip()] * N_PARTS if consent is True or request.session_hash not in own_page.VISITS else forget(request)
    return gr.update(visible=consent is True), *page


def opened(request: gr.Request) -> tuple:
    """What a visitor may do, decided when the page is opened: fields or, where uploads are off, the command line."""
    may = permission.allowed("upload", _profile(request))
    return gr.update(visible=may), gr.update(visible=not may)


def left(request: gr.Request) -> None:
    """The visitor is gone, and so are their files."""
    own_page.VISITS.drop(request.session_hash)
