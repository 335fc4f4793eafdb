"""What happens on the tab "Your brain": files are taken, samples decoded, decoders calibrated, all is forgotten."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import numpy as np

from neuroclips.errors import InputError
from neuroclips.ui import own_cards as cards
from neuroclips.ui import own_file, permission
from neuroclips.ui.flatmap import pack
from neuroclips.ui.inputs import EXACT, one_of, whole
from neuroclips.ui.upload_guard import profile_in
from neuroclips.ui.uploads import Visit, Visits, take_in, uploaded

VISITS = Visits()
MINE = "yours"  # the decoder that was calibrated
MOST_SAMPLES, MOST_ROWS = 4, 8  # decoded at once, kept on the page
N_EXAMPLE = 20  # samples of the simulated file
SHOWN = 8.0  # z-scores between the ends of the map: its colours run over the middle half, -2 to 2
EMPTY = cards.note("Nothing is read yet: tick the box and upload a file, or try the simulated one.")


def expect_allowed(request: gr.Request) -> None:
    """Raises InputError where this visitor may not upload."""
    permission.refuse("upload", _profile(request))


def _profile(request: gr.Request):
    return profile_in(getattr(getattr(request, "request", None), "scope", {}))


def take(role: str, payload: Any, consent: object, request: gr.Request) -> tuple:
    """An uploaded file into memory, off the disk, and what the files of this visitor are together; see `_page`."""
    visit = VISITS.of(str(request.session_hash))
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
    return None, *_page(visit, said)


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
    VISITS.drop(request.session_hash)
    visit = VISITS.of(str(request.session_hash))
    visit.files["fmri"] = "simulated_subject1.npz", buffer.getvalue()
    _read(visit)
    return _page(visit, cards.note("A simulated file: nobody's brain. Its films are known, but the file has none."))


def forget(request: gr.Request) -> tuple:
    """Delete all that this visitor handed in."""
    VISITS.drop(request.session_hash)
    return _page(Visit(), cards.note("All your files, and what was made of them, are deleted."))


def agree(consent: object, request: gr.Request) -> tuple:
    """The fields are there while the box is ticked; when it is not any more, everything is deleted."""
    page = [gr.skip()] * N_PAGE if consent is True or request.session_hash not in VISITS else forget(request)
    return gr.update(visible=consent is True), *page


N_PAGE = 7


def _page(visit: Visit, said: str) -> tuple:
    """What the parts of the page show: message, summary, decoders, decoded rows, button to calibrate, map."""
    own = visit.read
    if own is None:
        none = gr.update(choices=[], value=None)
        return said, EMPTY, none, cards.decoded(visit.rows), gr.update(interactive=False), gr.update(visible=False), {}
    subjects, fit = own_file.fitting(own)
    options = [(f"Simulated subject {subject}", str(subject)) for subject in subjects]
    if visit.made is not None and visit.made.n_voxels == own.n_voxels:
        options.append((f"Yours, calibrated like subject {visit.made.like}", MINE))
    summary = cards.facts(own_file.summary(own), own.notes) + cards.note(fit, "" if options else "odd")
    decoders = gr.update(choices=options, value=options[-1][1] if options else None)
    mapped = own.vertex_index is not None
    flat = _map(own, 0) if mapped else gr.skip()
    ready = gr.update(interactive=own.given is not None)
    return said, summary, decoders, cards.decoded(visit.rows), ready, gr.update(visible=mapped), flat


def _map(own: own_file.OwnFile, sample: int) -> dict:
    """The flat map's value: a sample where its voxels are."""
    from neuroclips.brain.weights_map import to_cortex  # it reads the meshes

    assert own.vertex_index is not None
    values = to_cortex(np.clip(0.5 + own.fmri[sample] / SHOWN, 0, 1), own.vertex_index)
    return pack(values, f"Sample {sample}: its values (z-scores)", ends=(-SHOWN / 2, SHOWN / 2))


def samples_of(text: object, n_samples: int) -> list[int]:
    """Numbers of "0, 4, 7". Raises InputError unless there are such samples, and not too many."""
    words = [word.strip() for word in str(text).split(",")]
    if not 1 <= len(words) <= MOST_SAMPLES:
        raise InputError(f"got {len(words)} samples, expected 1 to {MOST_SAMPLES}, separated by commas")
    return [whole("sample", int(w) if w.isascii() and w.isdecimal() else w, 0, n_samples - 1) for w in words]


def decode(decoder: object, samples: object, seed: object, request: gr.Request) -> Iterator[tuple]:
    """Decode samples one after the other; yields decoded rows, a message, and the map of the sample."""
    from neuroclips.ui.own_run import rows

    visit = VISITS.of(str(request.session_hash))
    try:
        own, made = _expect_read(visit), visit.made
        known = [str(s) for s in own_file.fitting(own)[0]] + ([MINE] if made is not None else [])
        name = one_of("decoder", decoder, known)
        chosen, seed = samples_of(samples, own.n_samples), whole("seed", seed, 0, EXACT)
        by = f"like subject {made.like}, calibrated" if name == MINE else f"decoder of simulated subject {name}"
        for sample in chosen:
            flat = gr.skip() if own.vertex_index is None else _map(own, sample)
            subject = made.like if name == MINE else int(name)
            before = visit.rows[-MOST_ROWS + 1 :]
            for row in rows(own.fmri[sample], sample, subject, made if name == MINE else None, seed, by):
                visit.rows = [*before, row]
                yield cards.decoded(visit.rows), cards.note(f"Sample {sample}: {row.running or 'done'}"), flat
                flat = gr.skip()
        yield gr.skip(), cards.note("Not scored: your file has no films to compare with."), gr.skip()
    except InputError as error:
        yield cards.decoded(visit.rows), cards.note(str(error), "bad"), gr.skip()


def stopped(request: gr.Request) -> tuple:
    """The page after Cancel: the row that was not finished leaves."""
    visit = VISITS.of(str(request.session_hash))
    visit.rows = [row for row in visit.rows if not row.running]
    return cards.decoded(visit.rows), cards.note("Cancelled."), gr.skip()


def _expect_read(visit: Visit) -> own_file.OwnFile:
    if visit.read is None:
        raise InputError("got no fMRI, expected a file that was read: upload one, or try the simulated one")
    return visit.read


def calibrate(like: object, request: gr.Request) -> Iterator[tuple]:
    """Fit a decoder to this visitor's samples; yields the result and the page."""
    from neuroclips.calibration.calibrate import calibrate as fit
    from neuroclips.ui.session import stream

    visit = VISITS.of(str(request.session_hash))
    same = [gr.skip()] * N_PAGE
    try:
        own, like = _expect_read(visit), int(one_of("decoder", like, ("1", "2", "3")))
        if own.given is None:
            raise InputError("got no clips with the fMRI, expected which clip each sample is for: see above")
        if own.given.targets and permission.is_public():
            raise InputError("got films of your own, expected training clips: these take the command line from here")
        yield cards.note("Fitting the ridges …"), *same
        for event in stream(lambda report: fit(own.given, like, report)):
            if isinstance(event, str):
                yield cards.note(f"Fitting: {cards.DECODES[event]} …"), *same
            else:
                visit.made = event
        yield cards.calibrated(visit.made), *_page(visit, cards.note("Your decoder is chosen: decode with it."))
    except InputError as error:
        yield cards.note(str(error), "bad"), *same


def opened(request: gr.Request) -> tuple:
    """What a visitor may do, decided when the page is opened: fields or, where uploads are off, the command line."""
    may = permission.allowed("upload", _profile(request))
    return gr.update(visible=may), gr.update(visible=not may)


def left(request: gr.Request) -> None:
    """The visitor is gone, and so are their files."""
    VISITS.drop(request.session_hash)
