"""What Windows and macOS lack or do otherwise: no fcntl, no fork, text that is not UTF-8 unless it is said."""

import ast
import subprocess
import sys

import pytest

from neuroclips.paths import PACKAGE, ROOT

FILES = sorted(PACKAGE.rglob("*.py"))
UNIX = {"fcntl", "resource", "pwd", "grp", "termios"}  # modules that Windows has not
UNIX_CALLS = {"fork", "killpg", "getuid", "geteuid", "mkfifo", "getpgid", "setsid", "SIGKILL", "SIGHUP", "uname"}

IMPORT_ALL = """
import sys
sys.modules["fcntl"] = None  # as on Windows: importing it fails
import importlib, pkgutil, neuroclips
from neuroclips import parallel
names = [m.name for m in pkgutil.walk_packages(neuroclips.__path__, "neuroclips.") if "__main__" not in m.name]
for name in names:
    importlib.import_module(name)
print(len(names), *parallel.each(abs, [-1, -2], 2))
"""


def test_every_module_is_imported_without_fcntl_and_processes_work_together():
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(sum(path.name != "__main__.py" for path in FILES) - 1), "1", "2"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_used_that_only_unix_has_and_text_is_utf_8(path):
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        imported = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        imported += [node.module] if isinstance(node, ast.ImportFrom) else []
        called = node.attr if isinstance(node, ast.Attribute) else ""
        if UNIX & set(imported) or called in UNIX_CALLS or (isinstance(node, ast.Call) and _says_no_encoding(node)):
            wrong.append(f"line {node.lineno}: {ast.unparse(node)}")
    assert not wrong


def _says_no_encoding(call: ast.Call) -> bool:
    """Whether a call reads or writes text in whatever encoding the machine has."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = {keyword.arg for keyword in call.keywords}
    if name in ("read_text", "write_text"):
        return "encoding" not in given
    owner = getattr(getattr(call.func, "value", None), "id", "")
    modes = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return name == "open" and owner not in ("Image", "av") and "encoding" not in given and "b" not in "".join(modes)
