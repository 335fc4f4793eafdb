"""What makes no sense, as an API client may send it, ends in one line and never in a picture."""

import socket

import pytest

from neuroclips.errors import InputError
from neuroclips.train.engine.log import LOG, open_log, read_log
from neuroclips.ui import asked, launch
from neuroclips.ui.choices import choices
from neuroclips.zoo import zoo_named

NAN, INFINITE = float("nan"), float("inf")
NO_NUMBERS = (None, "abc", "7", True, [1], {}, NAN, INFINITE, -1, -0.5, 1.5, 10**9, 10**20, 1e300)
NO_SUBJECTS = (*NO_NUMBERS, 0, 7, "../../x")
ZOO = zoo_named()
CHOICES = choices(ZOO)
RIGHT = {"subject": 1, "clip": 3, "seed": 0, "alpha": True, "beta": True, "gamma": True, "keep_keyframe": False}
RIGHT |= {choice.field: getattr(ZOO.settings, choice.field) for choice in CHOICES}
WRONG = {"subject": NO_SUBJECTS, "clip": NO_NUMBERS, "seed": [x for x in NO_NUMBERS if x != 10**9]}
WRONG |= dict.fromkeys(("alpha", "beta", "gamma", "keep_keyframe"), ("no", None, 2, 0.5, [True]))
WRONG |= {choice.field: (*NO_NUMBERS[:8], -1, 10**9, 1e300) for choice in CHOICES}
WRONG |= {c.field: (*WRONG[c.field], 1.5) for c in CHOICES if isinstance(getattr(ZOO.settings, c.field), int)}
NO_LINES = (7, True, [1], {}, NAN, ["a cat"], "a\ncat", "a\0cat", "a\u202ecat", "\ud800", "cat " * 51)
WRONG |= {choice.field: NO_LINES for choice in CHOICES if choice.longest}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_makes_no_sense_is_refused_before_anything_runs(name):
    for value in WRONG[name]:
        with pytest.raises(InputError, match=f"^got {name.replace('_', ' ')} ") as caught:
            asked.request_of(RIGHT | {name: value})
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 250


def test_what_nobody_knows_is_refused():
    for name in ("edits", "reconstructors", "zoo", "source", "__class__"):
        with pytest.raises(InputError, match=f"^got {name}, expected some of: subject, clip"):
            asked.request_of(RIGHT | {name: "x"})


def test_whole_numbers_may_be_sent_with_a_point():
    assert asked.request_of({"subject": 1.0, "clip": 3.0}) == asked.request_of({"subject": 1, "clip": 3})


def test_equal_requests_have_one_key_and_others_another():
    base = {"subject": 1, "clip": 3}
    assert asked.key(asked.request_of(base)) == asked.key(asked.request_of(RIGHT))
    others = [{"clip": 4}, {"subject": 2}, {"seed": 1}, {"gamma": False}, {"theta": 0.4}, {"captioner": "git"}]
    others += [{"prompt": "a cat"}, {"prompt": "a cat", "beta": False}, {"beta": False}]
    assert len({asked.key(asked.request_of(base | other)) for other in others}) == len(others)
    for same in ({"prompt": ""}, {"prompt": "  "}, {"prompt": None}):
        assert asked.request_of(base | same) == asked.request_of(base)
    unused = {"gamma": False, "prompt": "a cat"}
    assert asked.key(asked.request_of(base | unused)) == asked.key(asked.request_of(base | {"gamma": False}))


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
