"""Fixtures: a fresh store for each test, a host on it, and an agent that does as its script says."""

import json
import sys

import contract
import pytest
from host import Host

# Deep nesting is part of what is tested, and must not be what stops the tests.
sys.setrecursionlimit(20_000)

RULES = [
    {"pattern": "hold*", "reply": "At last.", "delay": 3600},
    {"pattern": "fail*", "failure": {"kind": "failed", "message": "The script says so."}},
    {"pattern": "away*", "failure": {"kind": "unavailable", "message": "Nobody is at home."}},
    {"pattern": "late*", "failure": {"kind": "timeout", "message": "It took too long."}},
    {
        "pattern": "tools*",
        "reply": "Done.",
        "tools_used": ["search", "mail"],
        "usage": {"input_tokens": 7, "output_tokens": 5, "cached_tokens": 3},
    },
    {"pattern": "*", "reply": "Heard: {prompt}"},
]


def pytest_configure(config):
    config.addinivalue_line("markers", "damages_files: leaves files that this version wouldn't write")


@pytest.fixture
def store(tmp_path, request):
    """The store's path. Whatever a test leaves there must be good to the last line."""
    path = tmp_path / "store"
    yield path
    if request.node.get_closest_marker("damages_files") is None:
        for file in sorted([*path.glob("conversations/*.jsonl"), *path.glob("trash/*.jsonl")]):
            contract.check_file(file)


@pytest.fixture
def host(store):
    with Host(store) as host:
        yield host


@pytest.fixture
def configured(tmp_path):
    """Writes a configuration whose default agent `demo` follows RULES; gives its path."""

    def write(rules=RULES, more_agents=(), more=(), **demo):
        (tmp_path / "demo.json").write_text(json.dumps({"rules": rules}))
        agents = {"demo": {"kind": "scripted", "script": "demo.json", **demo}, **dict(more_agents)}
        path = tmp_path / "parley.json"
        path.write_text(json.dumps({"agents": agents, "defaultAgent": "demo", **dict(more)}))
        return path

    return write


@pytest.fixture
def demo(store, configured):
    """A host whose default agent is `demo`. Turns that a test leaves running are cancelled at its end."""
    with Host(store, config=configured()) as host:
        yield host
        if host.process.returncode is None:
            host.stop()


@pytest.fixture
def pair(store, configured):
    """Two hosts on one store, both with `demo`."""
    config = configured()
    with Host(store, config=config) as one, Host(store, config=config) as other:
        yield one, other
        for host in (one, other):
            if host.process.returncode is None:
                host.stop()
