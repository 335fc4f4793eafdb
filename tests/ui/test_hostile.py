"""What makes no sense, as an API client may send it, ends in one line and never in a picture."""

import socket

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from neuroclips.train.engine.log import LOG, open_log, read_log
from neuroclips.ui import decode, launch, page
from neuroclips.ui.choices import choices

NAN, INFINITE = float("nan"), float("inf")
NO_NUMBERS = (None, "abc", "7", True, [1], {}, NAN, INFINITE, -1, -0.5, 1.5, 10**9, 10**20, 1e300)
NO_SUBJECTS = (*NO_NUMBERS, 0, 7, "../../x")
CHOICES = choices(decode.ZOO)
RIGHT = [1, 3, True, True, True, 0, *(getattr(decode.ZOO.settings, choice.field) for choice in CHOICES)]
NAMES = ["subject", "clip", "alpha", "beta", "gamma", "seed", *(choice.field for choice in CHOICES)]
WRONG = {"subject": NO_SUBJECTS, "clip": NO_NUMBERS, "seed": [x for x in NO_NUMBERS if x != 10**9]}
WRONG |= dict.fromkeys(("alpha", "beta", "gamma"), ("no", None, 2, 0.5, [True]))
WRONG |= {choice.field: (*NO_NUMBERS[:8], -1, 10**9, 1e300) for choice in CHOICES}
WRONG |= {c.field: (*WRONG[c.field], 1.5) for c in CHOICES if isinstance(getattr(decode.ZOO.settings, c.field), int)}


def with_one(name, value):
    return [value if other == name else right for other, right in zip(NAMES, RIGHT, strict=True)]


def refused(function, *values):
    """The message, which must be one line."""
    with pytest.raises(gr.Error) as caught:
        function(*values)
    assert "\n" not in caught.value.message and len(caught.value.message) < 250
    return caught.value.message


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_makes_no_sense_is_refused_before_anything_is_shown(name):
    for value in WRONG[name]:
        assert f"got {name.replace('_', ' ')} " in refused(next, decode.decode(*with_one(name, value)))


def test_other_callbacks_refuse_them_too():
    for value in NO_SUBJECTS:
        assert "got subject" in refused(decode.show, value, 3)
        assert "got subject" in refused(decode.weight_map, value, "Perception Reconstructor")
    for value in (*NO_NUMBERS, 300):
        assert "got clip" in refused(decode.show, 1, value)
    for value in (None, "x", 3, ["Perception Reconstructor"]):
        assert "got reconstructor" in refused(decode.weight_map, 1, value)


def test_whole_numbers_may_be_sent_with_a_point():
    assert decode.show(1.0, 3.0) == decode.show(1, 3)


@pytest.fixture(scope="module")
def client():
    demo = page.build()
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, show_error=True, ssr_mode=False)
    yield Client(url, verbose=False)
    demo.close()


@pytest.mark.parametrize(
    "name,value", [("subject", 7), ("subject", None), ("clip", "abc"), ("clip", 10**9), ("clip", 1.5), ("seed", 10**20)]
)
def test_a_client_is_told_in_one_line_and_the_server_prints_no_traceback(client, capfd, name, value):
    with pytest.raises(AppError, match=f"^got {name} [^\n]*$"):
        client.predict(*with_one(name, value), api_name="/reconstruct")
    with pytest.raises(AppError, match="^got video steps [^\n]*$"):
        client.predict(*with_one("video_steps", None), api_name="/reconstruct")
    assert "Traceback" not in capfd.readouterr().err


def test_a_reconstruction_that_fails_says_so_on_the_page(pipeline):
    """Cells that were waiting are no longer, and nothing is called computing. Here a weight is not a number."""
    weight = next(pipeline.keyframes.unet.parameters()).data
    right, shown = weight.clone(), []
    weight.view(-1)[0] = NAN
    try:
        message = refused(lambda: shown.extend(decode.decode(*with_one("keyframe_steps", 2))))
    finally:
        weight.copy_(right)
    player, _, _, status = shown[-1]
    assert message.startswith("keyframe: got values that are not numbers")
    assert "failed" in status and "computing" not in status and player["items"][1]["src"]
    assert {cell["wait"] for cell in player["items"][2:]} == {decode.WAIT}


def test_a_log_is_read_up_to_the_line_that_is_being_written(tmp_path):
    whole = '{"step": 0, "loss": 1.5}\n{"step": 0, "validation": {"mse": 0.5}}\n{"step": 1, "loss": 1.25}\n'
    for cut in range(len(whole)):
        (tmp_path / LOG).write_text(whole[:cut])
        lines = read_log(tmp_path)
        assert len(lines) in (whole[:cut].count("\n"), whole[:cut].count("\n") + 1) and all("step" in x for x in lines)
    (tmp_path / LOG).write_bytes(whole.encode()[:-3] + b"\xff")
    open_log(tmp_path, 1).close()  # a run that was killed goes on
    assert read_log(tmp_path) == [{"step": 0, "loss": 1.5}, {"step": 0, "validation": {"mse": 0.5}}]


@pytest.mark.parametrize("port", ["abc", "99999", "-1", "busy"])
def test_where_the_app_cannot_listen_is_told_in_one_line(capsys, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        given = str(taken.getsockname()[1]) if port == "busy" else port
        with pytest.raises(SystemExit, match="^2$"):
            launch.main([f"--port={given}"])
    last = capsys.readouterr().err.splitlines()[-1]
    assert "--port" in last and given in last
