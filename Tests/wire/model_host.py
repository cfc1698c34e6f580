"""Hosts whose agents ask a model server."""

import json

import host as hosts
import pytest
from agent_http import KEY, check_hidden, settings
from plugin_kit import PluggedHost


def agent(api, url, **more):
    """The entry of a config for the server at this address."""
    members = settings(api, url, **more)
    return {"kind": members.pop("api"), **members}


@pytest.fixture
def serve(store, tmp_path, monkeypatch):
    """Starts a host whose default agent asks a model server, with the conversation `c`.

    The config has a folder of its own. At the end nothing that the host wrote anywhere may have the key in it.
    """
    (tmp_path / "config").mkdir()
    started = []

    def start(api, server, *options, variables=None, agents=(), **more):
        usual = hosts.environment
        variables = {"MODEL_KEY": KEY} if variables is None else variables
        monkeypatch.setattr(hosts, "environment", lambda home: {**usual(home), **variables})
        model = agent(api, server if isinstance(server, str) else server.url, **more)
        config = tmp_path / "config" / "parley.json"
        config.write_text(json.dumps({"agents": {"model": model, **dict(agents)}, "defaultAgent": "model"}))
        host = PluggedHost(store, "--log-level", "debug", *options, config=config)
        monkeypatch.setattr(hosts, "environment", usual)
        started.append(host)
        host.start(conversationId="c")
        return host

    yield start
    for host in started:
        with host:
            if host.process.poll() is None:
                host.stop()
        for line in host.lines:
            check_hidden(line.decode())
        check_hidden(host.stderr)
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.parent.name not in ("config", "bin"):
            check_hidden(path.read_text(errors="replace"))
