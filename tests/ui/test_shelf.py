"""Files of live runs in memory: the oldest leave when there are too many bytes."""

from neuroclips.ui.shelf import Shelf


def test_the_runs_that_nobody_looked_at_for_longest_are_dropped():
    shelf = Shelf(most=100)
    for run in "abc":
        shelf.put(run, "film", bytes(30))
    assert shelf.get("a", "film") == bytes(30)
    shelf.put("d", "film", bytes(30))
    assert {run: shelf.get(run, "film") is not None for run in "abcd"} == {"a": True, "b": False, "c": True, "d": True}
    shelf.put("e", "large", bytes(500))
    assert shelf.get("e", "large") and not any(shelf.files(run) for run in "acd")


def test_files_of_a_run_are_kept_together():
    shelf = Shelf()
    shelf.put("a", "x", b"1")
    shelf.put("a", "y", b"2")
    assert shelf.files("a") == {"x": b"1", "y": b"2"} and shelf.get("a", "z") is None
    assert not shelf.files("b") and shelf.get("b", "x") is None
