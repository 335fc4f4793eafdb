"""Processes that work together: fresh ones on every platform, which die with the one that started them."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from operator import add

import psutil
import pytest

from neuroclips import parallel
from neuroclips.paths import ROOT


def test_answers_come_in_order_and_what_all_know_is_sent_once():
    assert list(parallel.each(abs, range(-5, 0), 2, chunksize=2)) == [5, 4, 3, 2, 1]
    with parallel.workers(2, 10) as run:
        assert list(run(add, range(4))) == [10, 11, 12, 13] and list(run(pow, range(3))) == [1, 10, 100]


def test_what_a_child_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(parallel.each(divmod_by, [1, 0], 2))


def divmod_by(number):
    return 1 // number


def test_children_have_one_thread_and_no_torch():
    assert set(parallel.each(seen_in_a_child, range(2), 2)) == {(1, False)}


def seen_in_a_child(_):
    import numpy  # noqa: F401 - its threads are what is counted
    from threadpoolctl import threadpool_info

    return max((pool["num_threads"] for pool in threadpool_info()), default=1), "torch" in sys.modules


# A script without a guard, as people write them; and one that is read from standard input.
SCRIPT = """
from neuroclips import parallel
print(list(parallel.each(abs, [-1, -2], 2)))
"""


@pytest.mark.parametrize("way", ["file", "standard input", "-c"])
def test_a_script_needs_no_guard(tmp_path, way):
    (tmp_path / "script.py").write_text(SCRIPT)
    arguments = {"file": [str(tmp_path / "script.py")], "standard input": ["-"], "-c": ["-c", SCRIPT]}[way]
    pipes = {"input": SCRIPT if way == "standard input" else "", "capture_output": True, "text": True}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *arguments], env=environment, timeout=60, **pipes)
    assert done.stdout == "[1, 2]\n" and done.returncode == 0, done.stderr


SLEEPERS = """
import time
from neuroclips import parallel
for _ in parallel.each(time.sleep, [0.01, 60, 60], 2):
    print("at work", flush=True)
"""


def gone(processes, within=10.0):
    """Whether processes end within some seconds."""
    return not psutil.wait_procs(processes, timeout=within)[1]


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_children_die_with_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", SLEEPERS], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout.readline()
    children = psutil.Process(parent.pid).children(recursive=True)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert len(children) >= 2 and gone(children)


WAITS = """
import time
from neuroclips.parallel import end_with_stdin
end_with_stdin()
print("here", flush=True)
time.sleep(60)
"""


def test_who_shall_not_outlive_its_starter_ends_when_its_stdin_closes():
    environment = {**os.environ, parallel.ENDS_WITH_STDIN: "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    child = subprocess.Popen([sys.executable, "-c", WAITS], cwd=ROOT, env=environment, **pipes)
    assert child.stdout.readline() and child.poll() is None
    child.stdin.close()
    assert child.wait(10) == 1
    child.stdout.close()
    started = time.monotonic()
    plain = {name: value for name, value in os.environ.items() if name != parallel.ENDS_WITH_STDIN}
    code = WAITS.replace("60", "0.5")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=plain, stdin=subprocess.DEVNULL, check=True)
    assert time.monotonic() - started > 0.5


def test_a_command_whose_starter_is_gone_ends(tmp_path):
    """As training does when the app is killed: nothing would show it any more."""
    environment = {**os.environ, parallel.ENDS_WITH_STDIN: "1", "NEUROCLIPS_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "neuroclips", "simulate", "--films", "seg1", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == 1 and not list(tmp_path.rglob("meta.json"))


def test_a_fault_ends_no_child_that_is_another_ones():
    other = get_context("spawn").Process(target=time.sleep, args=(60,))
    other.start()
    with pytest.raises(KeyError), parallel.workers(2) as run:
        list(run(abs, [1, -2]))
        raise KeyError
    assert other.is_alive()
    other.terminate()
