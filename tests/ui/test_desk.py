"""The desk: one run at a time, in turn, equal ones once; who leaves costs nothing any more."""

import asyncio
import threading

import pytest

from neuroclips.errors import InputError
from neuroclips.ui.desk import Desk


class Work:
    """A run of so many steps, each of which waits to be let go."""

    def __init__(self, steps=2):
        self.steps, self.go, self.begun, self.closed = steps, threading.Semaphore(0), 0, 0

    def __call__(self):
        self.begun += 1
        try:
            for step in range(self.steps):
                assert self.go.acquire(timeout=10)
                yield {"step": step}
        finally:
            self.closed += 1


async def all_of(desk, run, key, work, visitor="", seen=None):
    seen = [] if seen is None else seen
    async for now in desk.follow(run, key, work, visitor):
        seen.append(now)
    return seen


async def until(true, timeout=5):
    async with asyncio.timeout(timeout):
        while not true():
            await asyncio.sleep(0.01)


def test_a_run_is_told_of_from_its_first_step_to_its_end():
    work = Work()
    work.go.release(2)
    seen = asyncio.run(all_of(Desk(), "a", "key", work))
    assert seen[-1] == {"step": 1, "run": "a", "state": "done"} and {now["run"] for now in seen} == {"a"}


def test_equal_requests_are_computed_once():
    async def both():
        desk, work = Desk(), Work()
        asked = [asyncio.create_task(all_of(desk, run, "key", work)) for run in ("a", "b")]
        await until(lambda: work.begun)
        work.go.release(2)
        return work, [seen[-1] for seen in await asyncio.gather(*asked)]

    work, ends = asyncio.run(both())
    assert work.begun == 1
    assert ends == [{"step": 1, "run": run, "state": "done"} for run in ("a", "b")]


def test_others_wait_in_turn_and_are_told_how_long():
    async def three():
        desk, works, seen = Desk(), [Work(1) for _ in range(3)], [[], [], []]
        asked = [asyncio.create_task(all_of(desk, f"r{i}", f"k{i}", works[i], seen=seen[i])) for i in range(3)]
        await until(lambda: works[0].begun and seen[2])
        waiting = desk.waiting()
        works[0].go.release()
        await until(lambda: works[1].begun and seen[2][-1]["position"] == 1)
        begun = [work.begun for work in works]
        for work in works:
            work.go.release()
        await asyncio.gather(*asked)
        return waiting, begun, [[now.get("position") for now in told if now["state"] == "waiting"] for told in seen]

    waiting, begun, places = asyncio.run(three())
    assert waiting["jobs"] == 3 and waiting["expected"] > 0 and begun == [1, 1, 0]
    assert places[2] == [2, 1] and places[1] == [1]


def test_who_leaves_does_not_wait_and_ends_what_nobody_else_wants():
    async def leave():
        desk, running, waiting = Desk(), Work(3), Work()
        first = asyncio.create_task(all_of(desk, "a", "running", running))
        second = asyncio.create_task(all_of(desk, "b", "waiting", waiting))
        await until(lambda: running.begun and desk.waiting()["jobs"] == 2)
        desk.leave("b")
        assert (await second)[-1] == {"run": "b", "state": "cancelled"} and desk.waiting()["jobs"] == 1
        first.cancel()  # as when a page is closed
        await asyncio.gather(first, return_exceptions=True)
        running.go.release()
        await until(lambda: running.closed and not desk.waiting()["jobs"])
        return running, waiting

    running, waiting = asyncio.run(leave())
    assert waiting.begun == 0 and running.closed == 1


def test_the_last_that_a_visitor_asks_for_wins():
    """Also right after a run was left: it does not have to end first to be asked for again."""

    async def again():
        desk, old, new = Desk(), Work(3), Work(1)
        first = asyncio.create_task(all_of(desk, "a", "old", old, "visitor"))
        await until(lambda: old.begun)
        second = asyncio.create_task(all_of(desk, "b", "new", new, "visitor"))
        assert (await first)[-1]["state"] == "cancelled"
        third = asyncio.create_task(all_of(desk, "c", "old", old, "visitor"))
        assert (await second)[-1]["state"] == "cancelled"
        old.go.release(9)
        return old, new, (await third)[-1]

    old, new, end = asyncio.run(again())
    assert old.begun == 2 and new.begun == 0 and end == {"step": 2, "run": "c", "state": "done"}


def test_connections_without_a_name_or_of_the_same_name_do_not_end_each_other():
    async def nameless():
        desk, work = Desk(), Work(1)
        asked = [asyncio.create_task(all_of(desk, run, "key", work)) for run in ("", "", "page")]
        late = asyncio.create_task(all_of(desk, "page", "key", work))  # it connects again before the first is gone
        await until(lambda: work.begun)
        await asyncio.sleep(0.1)
        asked[2].cancel()
        other = asyncio.create_task(all_of(desk, "another", "other", Work(0), "visitor"))
        await asyncio.sleep(0.1)
        work.go.release()
        await other
        return [(await task)[-1]["state"] for task in (*asked[:2], late)]

    assert asyncio.run(nameless()) == ["done", "done", "done"]


def test_who_cancels_and_asks_again_waits_behind_the_others():
    async def again():
        desk, first, other, order = Desk(), Work(9), Work(1), []
        other.go.release()
        task = asyncio.create_task(all_of(desk, "a", "first", first, "me"))
        await until(lambda: first.begun)
        waits = asyncio.create_task(all_of(desk, "b", "other", other))
        await until(lambda: desk.waiting()["jobs"] == 2)
        desk.leave("a")
        await task
        asked = asyncio.create_task(all_of(desk, "c", "first", lambda: iter_of(order), "me"))
        await asyncio.sleep(0.1)
        first.go.release(9)
        await asyncio.gather(waits, asked)
        return other.begun, order

    def iter_of(order):
        order.append("again")
        yield {}

    begun, order = asyncio.run(again())
    assert begun == 1 and order == ["again"]


def test_a_failure_is_told_in_one_line_and_the_next_run_goes_on(capsys):
    def wrong():
        yield {}
        raise InputError("got x, expected y")

    def broken():
        yield {}
        raise ZeroDivisionError("of ours")

    async def each():
        desk, right = Desk(), Work(1)
        right.go.release()
        return [(await all_of(desk, "r", key, work))[-1] for key, work in (("1", wrong), ("2", broken), ("3", right))]

    told, fault, right = asyncio.run(each())
    assert (told["state"], told["message"]) == ("failed", "got x, expected y")
    assert fault["message"] == "a fault of ours (ZeroDivisionError): please tell us"
    assert right["state"] == "done" and "ZeroDivisionError" in capsys.readouterr().err


def test_when_too_many_wait_one_is_asked_to_come_back():
    async def crowd():
        desk, work = Desk(most=2), Work()
        asked = [asyncio.create_task(all_of(desk, f"r{i}", f"k{i}", work)) for i in range(2)]
        await until(lambda: desk.waiting()["jobs"] == 2)
        with pytest.raises(InputError, match="got 2 reconstructions that wait, expected fewer"):
            await all_of(desk, "r", "k", work)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        work.go.release(9)

    asyncio.run(crowd())
