"""What is computed of a visitor's samples on the tab "Your brain": films are decoded, decoders calibrated.

Both end when the files that they began with are deleted or others take their place: at their next step they show what
there is then. Gradio's `cancels` would come too early or too late for that, and leave "Error" on the page.
"""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr

from neuroclips.errors import InputError
from neuroclips.ui import own_cards as cards
from neuroclips.ui import own_file, own_page, permission
from neuroclips.ui.inputs import EXACT, one_of, whole
from neuroclips.ui.own_page import MINE, N_PARTS, mapped, parts
from neuroclips.ui.uploads import Visit

MOST_SAMPLES, MOST_ROWS = 4, 8  # decoded at once, kept on the page


def samples_of(text: object, n_samples: int) -> list[int]:
    """Numbers of "0, 4, 7". Raises InputError unless there are such samples, and not too many."""
    words = [word.strip() for word in str(text).split(",")]
    if not 1 <= len(words) <= MOST_SAMPLES:
        raise InputError(f"got {len(words)} samples, expected 1 to {MOST_SAMPLES}, separated by commas")
    return [whole("sample", int(w) if w.isascii() and w.isdecimal() else w, 0, n_samples - 1) for w in words]


def decode(decoder: object, samples: object, seed: object, request: gr.Request) -> Iterator[tuple]:
    """Decode samples one after the other; yields decoded rows, a message, and the map of the sample."""
    from neuroclips.ui.own_run import rows

    visit = own_page.VISITS.of(str(request.session_hash))
    try:
        own, made = _expect_read(visit), visit.made
        known = [str(s) for s in own_file.fitting(own)[0]] + ([MINE] if made is not None else [])
        name = one_of("decoder", decoder, known)
        chosen, seed = samples_of(samples, own.n_samples), whole("seed", seed, 0, EXACT)
        by = f"like subject {made.like}, calibrated" if name == MINE else f"decoder of simulated subject {name}"
        for sample in chosen:
            flat = gr.skip() if own.vertex_index is None else mapped(own, sample)
            subject = made.like if name == MINE else int(name)
            before = visit.rows[-MOST_ROWS + 1 :]
            for row in rows(own.fmri[sample], sample, subject, made if name == MINE else None, seed, by):
                if not _still(request, visit, own):
                    yield cards.decoded(own_page.VISITS.now(request.session_hash).rows), "", gr.skip()
                    return
                visit.rows = [*before, row]
                yield cards.decoded(visit.rows), cards.note(f"Sample {sample}: {row.running or 'done'}"), flat
                flat = gr.skip()
        yield gr.skip(), cards.note("Not scored: your file has no films to compare with."), gr.skip()
    except InputError as error:
        yield cards.decoded(own_page.VISITS.now(request.session_hash).rows), cards.note(str(error), "bad"), gr.skip()


def stopped(request: gr.Request) -> tuple:
    """The page after Cancel: the row that was not finished leaves."""
    visit = own_page.VISITS.of(str(request.session_hash))
    visit.rows = [row for row in visit.rows if not row.running]
    return cards.decoded(visit.rows), cards.note("Cancelled."), gr.skip()


def _still(request: gr.Request, visit: Visit, own: own_file.OwnFile) -> bool:
    """Whether the visitor still holds what a run began with."""
    return own_page.VISITS.now(request.session_hash) is visit and visit.read is own


def _expect_read(visit: Visit) -> own_file.OwnFile:
    if visit.read is None:
        raise InputError("got no fMRI, expected a file that was read: upload one, or try the simulated one")
    return visit.read


def calibrate(like: object, request: gr.Request) -> Iterator[tuple]:
    """Fit a decoder to this visitor's samples; yields the page, with the result at its end."""
    from neuroclips.calibration.calibrate import calibrate as fit
    from neuroclips.ui.session import stream

    visit = own_page.VISITS.of(str(request.session_hash))
    same = [gr.skip()] * (N_PARTS - 1)
    try:
        own, like = _expect_read(visit), int(one_of("decoder", like, ("1", "2", "3")))
        if own.given is None:
            raise InputError("got no clips with the fMRI, expected which clip each sample is for: see above")
        if own.given.targets and permission.is_public():
            raise InputError("got films of your own, expected training clips: these take the command line from here")
        yield *same, cards.note("Fitting the ridges …")
        for event in stream(lambda report: fit(own.given, like, report)):
            if not _still(request, visit, own):
                yield *same, parts(own_page.VISITS.now(request.session_hash), "")[-1]
                return
            if isinstance(event, str):
                yield *same, cards.note(f"Fitting: {cards.DECODES[event]} …")
            else:
                visit.made = event
                yield parts(visit, cards.note("Your decoder is chosen: decode with it."))
    except InputError as error:
        yield *same, cards.note(str(error), "bad")
