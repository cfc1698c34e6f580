"""`parley-agent-http` driven over pipes, as a host does it, with a model server beside it."""

import collections
import contextlib
import functools
import itertools
import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import contract
import plugin_contract
from host import PARLEY, PATIENCE, environment
from jsonschema import Draft202012Validator
from messages import call, notice
from model_server import ModelServer
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

BINARY = Path(os.environ.get("PARLEY_AGENT_HTTP") or PARLEY.with_name("parley-agent-http")).absolute()

LONGEST = 16 << 20
"""The bytes of a line that a host still takes."""

KEY = "sk-Ue7wq.Zt0-vQ3x_secret"
"""The key that the model server is to get, and nobody else: each agent here is searched for it at its end."""

APIS = ["openai", "anthropic", "llm-crafter"]
STREAMED = APIS[:2]
PATHS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "llm-crafter": "/api/organizations/org_1/projects/proj_1/agents/agent_7/execute",
}


def settings(api, url, **more):
    """Settings of an agent for the server at this address, which tries again without a pause worth the name."""
    base = url + "/v1" if api == "openai" else url
    if api == "llm-crafter":
        own = {"organizationId": "org_1", "projectId": "proj_1", "remoteAgentId": "agent_7"}
    else:
        own = {"model": "m"}
    key = {"apiKey": {"environment": "MODEL_KEY"}}
    chosen = {"api": api, "baseUrl": base, "retryPause": 0.001, **own, **key, **more}
    return {name: value for name, value in chosen.items() if value is not None}


_REGISTRY = Registry().with_resources([("urn:plugin", Resource(plugin_contract.DOCUMENT, DRAFT202012))])
_METHODS = [method["name"] for method in plugin_contract.DOCUMENT["methods"]]


@functools.lru_cache(maxsize=None)
def _validator(pointer):
    return Draft202012Validator({"$ref": f"urn:plugin#/{pointer}"}, registry=_REGISTRY)


def _check(pointer, value):
    problem = next(_validator(pointer).iter_errors(value), None)
    assert problem is None, f"it breaks {pointer} at {problem.json_path}: {problem.message[:300]}"


class PluginError(Exception):
    """The error that a request to the plugin was answered with."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']} {error.get('data')}")
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data") or {}
        self.kind = self.data.get("kind") if isinstance(self.data, dict) else None
        self.text = json.dumps(error, ensure_ascii=False)


class AgentHTTP:
    """The program as a child with pipes, initialized with these settings unless they are None.

    Leaving the `with` block ends its input and expects it to leave with 0, unless the test has seen to its end. What
    it has written is then searched for the key.
    """

    def __init__(self, folder, settings, **variables):
        self.lines = []
        self.strays = []  # errors that belong to no request: a line was none
        self._ids = itertools.count(1)
        self._answers = {}
        self._pieces = collections.defaultdict(list)
        self._running = set()
        self._asked = {}
        self._ended = False
        self._stderr = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [str(BINARY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment(folder), "MODEL_KEY": KEY, **variables},
            cwd=folder,
        )
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._collect, self._collect_stderr)]
        for thread in self._threads:
            thread.start()
        if settings is not None:
            self.initialize(settings)

    def _collect(self):
        for text in self.process.stdout:
            with self._changed:
                self.lines.append(text)
                try:
                    assert text.endswith(b"\n"), "the output ends in the middle of a line"
                    assert len(text) <= LONGEST, "a line that is longer than a host takes"
                    self._take(contract.parse(text))
                except Exception as fault:
                    # Seen by whoever waits; nothing more is read.
                    self._ended = fault
                self._changed.notify_all()
        with self._changed:
            self._ended = self._ended or True
            self._changed.notify_all()

    def _collect_stderr(self):
        for text in self.process.stderr:
            self._stderr.append(text)

    def _take(self, message):
        """Holds a line to what is published, and keeps it."""
        if "method" in message:
            # Not by the schema: there may be very many.
            params = message["params"]
            assert set(message) == {"jsonrpc", "method", "params"} and message["method"] == "agent/delta"
            assert {"executionId", "text"} <= set(params) <= {"executionId", "text", "kind"}
            assert isinstance(params["text"], str) and params.get("kind", "text") in ("text", "thought", "tool")
            assert params["executionId"] in self._running, "a piece of what isn't being executed"
            self._pieces[params["executionId"]].append((params.get("kind", "text"), params["text"]))
            return
        if message["id"] is None:
            self.strays.append(message["error"])
            return
        _check("components/schemas/Response", message)
        assert message["id"] in self._asked, "this wasn't asked, or was answered before"
        method = self._asked.pop(message["id"])
        self._running.discard(f"e{message['id']}")
        if "error" in message:
            said = message["error"]["message"]
            assert said.strip() == said != "", "an error says what was wrong"
        else:
            _check(f"methods/{_METHODS.index(method)}/result/schema", message["result"])
        if method == "agent/execute" and "result" in message:
            assert self._text(message["id"]) in ("", message["result"]["response"]), "the pieces are another reply"
        self._answers[message["id"]] = message

    @property
    def stderr(self):
        return b"".join(self._stderr).decode("utf-8", "replace")

    # Asking

    def begin(self, method, params, id=None):
        """Sends a request and gives its id; `expect` gives what comes of it."""
        id = id or next(self._ids)
        with self._changed:
            self._asked[id] = method
            if method == "agent/execute":
                self._running.add(params.get("executionId"))
        self.send(call(id, method, params))
        return id

    def send(self, line):
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def initialize(self, settings):
        host = {"name": "parley", "version": "0"}
        params = {"protocolVersion": "parley-plugin/1", "host": host, "settings": settings}
        return self.expect(self.begin("initialize", params))

    def begin_execute(self, prompt="Hello", messages=None, **more):
        """Its id is the executionId too."""
        given = [{"role": "user", "content": prompt}] if messages is None else messages
        id = next(self._ids)
        params = {"executionId": f"e{id}", "agentId": "demo", "prompt": prompt, "context": {}, "messages": given, **more}
        return self.begin("agent/execute", params, id)

    def execute(self, prompt="Hello", **more):
        return self.expect(self.begin_execute(prompt, **more))

    def cancel(self, id):
        self.send(notice("$/cancelRequest", {"id": id}))

    # Receiving

    def expect(self, id):
        """The result of the request with this id; raises its error."""
        self.wait_until(lambda: id in self._answers, f"the answer to {id}")
        answer = self._answers[id]
        if "error" in answer:
            raise PluginError(answer["error"])
        return answer["result"]

    def has_answered(self, id):
        with self._changed:
            return id in self._answers

    def pieces(self, id):
        """What was told so far while this request was carried out, each (kind, text)."""
        with self._changed:
            return list(self._pieces[f"e{id}"])

    def text(self, id, expected=""):
        """The reply so far, as soon as it is as long as what is `expected`."""
        self.wait_until(lambda: len(self._text(id)) >= len(expected), f"the beginning {expected[:100]!r} of {id}")
        return self._text(id)

    def _text(self, id):
        return "".join(text for kind, text in self._pieces[f"e{id}"] if kind == "text")

    def wait_until(self, happened, what):
        with self._changed:
            self._changed.wait_for(lambda: happened() or self._ended, PATIENCE)
            assert not isinstance(self._ended, Exception), f"{self._ended!r}\n{self._account()}"
            assert happened(), f"{what} didn't come\n{self._account()}"

    def _account(self):
        shown = b"".join(text[:500] for text in self.lines[-30:]).decode("utf-8", "replace")
        return f"the last of {len(self.lines)} lines:\n{shown}\nstderr:\n{self.stderr[-2000:]}"

    # The end

    def close_input(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """The status that it leaves with, -N for a signal."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it doesn't leave\n{self._account()}") from None
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not isinstance(self._ended, Exception), f"{self._ended!r}\n{self._account()}"
        return status

    def peak_memory(self):
        """The most bytes that were resident so far."""
        rows = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(row for row in rows if row.startswith("VmHWM:")).split()[1]) * 1024

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is None and self.process.returncode is None:
                self.close_input()
                status = self.wait()
                assert status == 0, f"it left with {status}\n{self._account()}"
            if kind is None:
                for written in (b"".join(self.lines).decode(), self.stderr):
                    check_hidden(written)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for thread in self._threads:
                thread.join(PATIENCE)
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def check_hidden(written, key=KEY):
    """Nothing of the key stands in what was written, a piece of it neither."""
    for part in (key[:8], key[-8:], key[6:14]):
        assert part not in written, f"the key is told: {written[max(0, written.find(part) - 200) :][:400]}"


@contextlib.contextmanager
def asked(folder, api, *replies, variables=None, **more):
    """A model server with these replies, and an agent for it."""
    with ModelServer(*replies) as server, AgentHTTP(folder, settings(api, server.url, **more), **(variables or {})) as agent:
        yield server, agent


def refused(agent, *arguments, **more):
    """The error that an execution ends with."""
    try:
        result = agent.execute(*arguments, **more)
    except PluginError as error:
        return error
    raise AssertionError(f"it was answered: {str(result)[:300]}")
