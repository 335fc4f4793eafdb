"""What visitors may do is decided by where the server stands, not by what the page shows."""

from types import SimpleNamespace

import pytest

from neuroclips.errors import InputError
from neuroclips.ui import permission


@pytest.fixture(autouse=True)
def own_machine(monkeypatch):
    for name in ("SPACE_ID", "SPACE_AUTHOR_NAME", "GRADIO_SHARE", "GRADIO_ROOT_PATH", permission.ALLOW):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(permission._HOSTS, "", "127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "[::1]"])
def test_everything_is_on_where_only_this_machine_comes(host):
    permission.listens_at(host)
    assert all(permission.allowed(what) for what in permission.WHAT)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "workstation", ""])
def test_everything_is_off_where_the_network_comes(host):
    permission.listens_at(host)
    for what in permission.WHAT:
        with pytest.raises(InputError, match=f"is off where the public comes.*NEUROCLIPS_ALLOW={what}$"):
            permission.refuse(what)


@pytest.mark.parametrize("variable", ["GRADIO_SHARE=1", "GRADIO_SHARE=True", "GRADIO_ROOT_PATH=/neuroclips"])
def test_everything_is_off_behind_a_link_or_a_proxy_unless_it_was_listed(monkeypatch, variable):
    monkeypatch.setenv(*variable.split("="))
    assert permission.is_public() and not any(permission.allowed(what) for what in permission.WHAT)
    monkeypatch.setenv(permission.ALLOW, "upload")
    assert permission.allowed("upload") and not permission.allowed("train")


def test_a_link_that_is_off_makes_nothing_public(monkeypatch):
    monkeypatch.setenv("GRADIO_SHARE", "False")
    monkeypatch.setenv("GRADIO_ROOT_PATH", "")
    assert not permission.is_public()


def test_on_a_space_what_the_owner_listed_is_on_and_nothing_else(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/neuroclips")
    assert not permission.allowed("train") and not permission.allowed("upload")
    monkeypatch.setenv(permission.ALLOW, "upload")
    assert permission.allowed("upload") and not permission.allowed("train")
    monkeypatch.setenv(permission.ALLOW, " train, upload ")
    assert permission.allowed("upload") and permission.allowed("train")


def test_the_variable_counts_on_ones_own_machine_too(monkeypatch):
    monkeypatch.setenv(permission.ALLOW, "")  # behind a proxy, say
    assert not permission.allowed("train")
    monkeypatch.setenv(permission.ALLOW, "trian")
    with pytest.raises(InputError, match="got NEUROCLIPS_ALLOW=trian, expected a list of these"):
        permission.allowed("train")


def test_the_owner_of_a_space_may_when_logged_in(monkeypatch):
    owner, other = SimpleNamespace(username="someone"), SimpleNamespace(username="somebody")
    monkeypatch.setenv("SPACE_ID", "someone/neuroclips")
    assert not permission.allowed("train", owner)  # a Space without an author is nobody's
    monkeypatch.setenv("SPACE_AUTHOR_NAME", "someone")
    assert permission.allowed("train", owner) and permission.allowed("upload", owner)
    permission.refuse("train", owner)
    with pytest.raises(InputError, match="or log in as the owner of this Space"):
        permission.refuse("train", other)
    monkeypatch.delenv("SPACE_ID")
    monkeypatch.setitem(permission._HOSTS, "", "0.0.0.0")
    assert not permission.allowed("train", owner)  # off Spaces no login says who one is
