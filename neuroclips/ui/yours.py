"""The tab "Your brain": upload fMRI, decode its samples, calibrate a decoder for a new person."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import numpy as np

from neuroclips.errors import InputError
from neuroclips.ui import own_cards as cards
from neuroclips.ui import own_file, permission
from neuroclips.ui.flatmap import FlatMap, pack
from neuroclips.ui.inputs import EXACT, as_sent, one_of, whole
from neuroclips.ui.own_text import COMMANDS, CONSENT, INTRO, NEW_PERSON, OFF, measured
from neuroclips.ui.upload_guard import profile_in
from neuroclips.ui.uploads import MB, Visit, Visits, limit, take_in, uploaded

VISITS = Visits()
MINE = "yours"  # the decoder that was calibrated
MOST_SAMPLES, MOST_ROWS = 4, 8  # decoded at once, kept on the page
N_EXAMPLE = 20  # samples of the simulated file
SHOWN = 8.0  # z-scores between the ends of the map: its colours run over the middle half, -2 to 2
EMPTY = cards.note("Nothing is read yet: tick the box and upload a file, or try the simulated one.")
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
HEAVY: dict[str, Any] = {**QUIET, "concurrency_id": "models", "concurrency_limit": 1}


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
        return None, *_page(visit, cards.note(str(error), "bad"))
    return None, *_page(visit, said)


def _taking(role: str) -> Callable:
    """`take` for one field; gradio reads the types of what it calls, so this is no partial."""

    def taken(payload: Any, consent: object, request: gr.Request) -> tuple:
        return take(role, payload, consent, request)

    return taken


def _forget_results(visit: Visit) -> None:
    visit.read, visit.rows = None, []


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


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks and wire it."""
    may = permission.allowed("upload")
    gr.HTML(f"<style>{cards.STYLE}</style>{INTRO}", padding=False, elem_id="yb-intro")
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            with gr.Column(visible=may) as fields:
                gr.Markdown(CONSENT)
                consent = as_sent(gr.Checkbox(False, label="I have read this and agree", elem_id="yb-consent"))
                with gr.Column(visible=False) as open_fields:
                    files = {"fmri": _file("fmri", "fMRI: .npy, .npz, .nii(.gz), .dtseries.nii", 120)}
                    with gr.Accordion("What comes beside it: mask, vertex index, clips", open=False):
                        files["mask"] = _file("mask", "Mask of a .nii: NIfTI of 0 and 1")
                        files["index"] = _file("index", "Vertex index: .npy of rows among 59,412 cortical vertices")
                        files["clips"] = _file("clips", "Clips, to calibrate: .npy (n, 2) of film and TR")
            with gr.Column(visible=not may) as off:
                gr.Markdown(OFF + COMMANDS)
            said = gr.HTML(elem_id="yb-said", padding=False)
            with gr.Row():
                try_it = gr.Button("Try with a simulated file", elem_id="yb-example", min_width=140)
                clear = gr.Button("Delete my files", elem_id="yb-forget", min_width=120)
        with gr.Column(scale=3, min_width=300):
            summary = gr.HTML(EMPTY, elem_id="yb-summary", padding=False)
            with gr.Row():
                decoder = as_sent(gr.Radio([], label="Decoder", elem_id="yb-decoder", scale=3, min_width=200))
                samples = as_sent(gr.Textbox("0", label="Samples, such as 0, 4, 7", elem_id="yb-samples", scale=2))
                seed = as_sent(gr.Number(0, label="Seed", elem_id="yb-seed", scale=1, min_width=90))
            with gr.Row():
                go = gr.Button("Decode", variant="primary", elem_id="yb-decode", min_width=120)
                stop = gr.Button("Cancel", elem_id="yb-cancel", min_width=80)
            state = gr.HTML(elem_id="yb-state", padding=False)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=300):
            rows = gr.HTML(cards.decoded([]), elem_id="yb-rows", padding=False)
        with gr.Column(scale=2, min_width=300, visible=False) as brain:
            flat = FlatMap(elem_id="yb-flat")
    with gr.Accordion("A new person: calibrate a decoder to your own voxels", open=False, elem_id="yb-new"):
        gr.Markdown(NEW_PERSON + measured())
        with gr.Row():
            like = as_sent(gr.Radio(["1", "2", "3"], value="1", label="Lead into the decoder of simulated subject"))
            fit = gr.Button("Calibrate", variant="primary", interactive=False, elem_id="yb-calibrate")
        fitted = gr.HTML(elem_id="yb-fitted", padding=False)

    page, shown = [said, summary, decoder, rows, fit, brain, flat], [rows, state, flat]
    running = go.click(decode, [decoder, samples, seed], shown, **HEAVY)
    stop.click(stopped, None, shown, cancels=[running], queue=False, **QUIET)
    fit.click(calibrate, like, [fitted, *page], **HEAVY)
    for role, field in files.items():
        field.upload(_taking(role), [field, consent], [field, *page], cancels=[running], **QUIET)
    consent.change(agree, consent, [open_fields, *page], cancels=[running], **QUIET)
    try_it.click(example, None, page, cancels=[running], **QUIET)
    clear.click(forget, None, page, cancels=[running], **QUIET)
    demo.load(opened, None, [fields, off], **QUIET)
    demo.unload(left)


def _file(role: str, label: str, height: int = 100) -> gr.File:
    return as_sent(gr.File(label=f"{label}; at most {limit() // MB} MB", height=height, elem_id=f"yb-{role}"))
