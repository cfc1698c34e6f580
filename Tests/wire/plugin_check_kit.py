"""`parley plugin check` on plugins that have one thing otherwise than plugins/good.py."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from host import PARLEY, PATIENCE, environment

GOOD = Path(__file__).resolve().parent / "plugins" / "good.py"
PYTHON = [os.path.realpath(sys.executable), "-I", "-S"]

EXECUTE = "def execute(self, id, params):"
HOOKS = ["profile/load", "sentiment/analyze", "topics/extract", "context/build"]
OF_EXECUTION = ["agent/execute", "no conversation", "metadata", "pieces"]


class Checked:
    """One run of `parley plugin check --json`."""

    def __init__(self, done):
        self.status = done.returncode
        self.stderr = done.stderr.decode()
        self.report = json.loads(done.stdout)
        self.outcomes = {check["name"]: check["outcome"] for check in self.report["checks"]}
        self.details = {check["name"]: check["detail"] for check in self.report["checks"]}

    def having(self, outcome):
        return {name for name, other in self.outcomes.items() if other == outcome}

    def passes_but_for(self, *short):
        said = {name: self.details[name] for name in self.having("short")}
        assert set(said) == set(short), said
        assert self.report["ok"] == (not short)
        assert self.status == (1 if short else 0)
        assert all(detail.endswith((".", "?")) for detail in self.details.values()), self.details


@pytest.fixture
def parley(tmp_path):
    def run(*words, variables=None, cwd=tmp_path):
        return subprocess.run(
            [str(PARLEY), "plugin", "check", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            env={**environment(tmp_path), **(variables or {})},
            cwd=cwd,
        )

    return run


@pytest.fixture
def check(parley):
    return lambda *words, **more: Checked(parley("--json", *words, **more))


@pytest.fixture
def notes(tmp_path):
    """What the plugins noted: of each process its beginning, and then each message."""
    return lambda: [json.loads(line) for line in (tmp_path / "notes").read_text().splitlines()]


@pytest.fixture
def plugin(tmp_path):
    """A command: the plugin that is good but for what the body of a class has otherwise."""

    def write(otherwise="pass"):
        body = textwrap.indent(textwrap.dedent(otherwise).strip(), "    ")
        path = tmp_path / "plugin.py"
        good = GOOD.read_text(encoding="utf-8")
        path.write_text(f"{good}\n\nclass Otherwise(Plugin):\n{body}\n\n\nOtherwise().run()\n", encoding="utf-8")
        return [*PYTHON, str(path), str(tmp_path / "notes")]

    return write
