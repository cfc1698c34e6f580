"""Plugins and commands that do as a test says: the stage that they report to, their entries in a config, and what is
left of them.

    def test_something(stage, serve):
        host = serve(stage.plugin(concurrency=2))        # the default agent, `steered`
        waiting = host.begin_send("c", do("delta Hel", "gate middle", "reply Hello"))
        stage.open("middle")                             # waits until it stands there
        assert host.expect(waiting)["reply"]["content"] == "Hello"

What such a program can be told is in plugins/steered.py. It tells of each line that it gets before it acts on it, so
when the host has answered, the stage knows.
"""

import collections
import contextlib
import itertools
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

import contract
import plugin_contract
import pytest
from host import PATIENCE, Host
from messages import name

STEERED = Path(__file__).resolve().parent / "plugins" / "steered.py"
PYTHON = [os.path.realpath(sys.executable), "-I", "-S"]
OPTIONS = ("first", "on", "initialize", "term", "stay")
"""Those of an agent's members that are the program's own and not the config's."""

NEVER = "sleep"
"""The step that never ends, whatever the host asks for."""

WHEN_CANCELLED = ("cancelled", 'error {"code":-32800,"message":"Cancelled."}')
"""The steps of a plugin that works until it is asked to stop."""


def do(*steps):
    """A prompt that has the program take these steps."""
    return json.dumps(steps, ensure_ascii=False)


def until(condition, what, patience=PATIENCE):
    """Waits for what can only be looked at; gives what the condition gave."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {patience} seconds: {what}"
        time.sleep(0.01)
    return found


class Stage:
    """Hears what the programs tell, in its order, and opens the gates that they stand at."""

    def __init__(self, folder):
        self.path = folder / "stage"
        self.told = []
        self._waiting = collections.defaultdict(list)  # those at each gate: the link to open it with
        self._changed = threading.Condition()
        self._faults = []
        self._links = []
        self._is_over = False
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self.path))
        self._socket.listen(100)
        self._begin(self._accept)

    # Entries for a config

    def command(self, mode, **options):
        return [*PYTHON, str(STEERED), mode, str(self.path), *([json.dumps(options)] if options else [])]

    def plugin(self, **members):
        """An agent that is a process that stays. `first`, `on`, `initialize`, `term` and `stay` are for the program."""
        return self._entry("plugin", members)

    def exec(self, **members):
        """An agent that is a command for each turn."""
        return self._entry("exec", members)

    def hook(self, **members):
        """What stands in a config where a plugin is asked for something else than a reply."""
        return {name: value for name, value in self._entry("plugin", members).items() if name != "kind"}

    def _entry(self, kind, members):
        options = {name: members.pop(name) for name in OPTIONS if name in members}
        return {"kind": kind, "command": self.command(kind, **options), **members}

    # What was told

    def all(self, *having, **members):
        """What was told so far that has these members, with these values."""
        self._raise_faults()
        with self._changed:
            return [told for told in self.told if set(having) <= set(told) and told.items() >= members.items()]

    def wait(self, *having, count=1, **members):
        """The count-th that has these members."""
        return self._await(
            lambda: (self.all(*having, **members)[count - 1 :] or [None])[0], f"{having} {members}, {count} times"
        )

    def began(self, count=1, mode="plugin"):
        """What the count-th process told of its beginning: pid, group, cwd, argv, environ."""
        return self.wait(began=mode, count=count)

    def starts(self, mode="plugin"):
        """How many processes have begun so far."""
        return len(self.all(began=mode))

    def requests(self, method=None):
        """The messages that plugins were sent so far, or those with this method; for commands their one line."""
        received = [told["received"] for told in self.all("received")]
        return [message for message in received if method in (None, message.get("method"))]

    def request(self, method, count=1):
        """The count-th message with this method."""
        return self._await(lambda: (self.requests(method)[count - 1 :] or [None])[0], f"{count} × {method}")

    # Gates

    def at(self, gate, count=1):
        """Waits until so many stand at the gate."""
        self._await(lambda: len(self._waiting[gate]) >= count, f"{count} at the gate `{gate}`")

    def stand_at(self, gate):
        """How many do so now."""
        return len(self._waiting[gate])

    def open(self, gate, *steps):
        """Lets the one go on that came to the gate first, and has it take these steps before its next ones."""
        self.at(gate)
        with self._changed:
            link = self._waiting[gate].pop(0)
        self._send(link, list(steps))

    # Links

    def _begin(self, work, *arguments):
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self):
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            self._links.append(link)
            if self._is_over:
                self._hang_up(link)
            self._begin(self._listen, link)

    def _listen(self, link):
        process = None
        with contextlib.suppress(OSError):
            for line in link.makefile("rb"):
                told = json.loads(line)
                gate = told.get("at")
                process = None if gate else told["pid"]
                with self._changed:
                    self.told.append(told)
                    if gate:
                        self._waiting[gate].append(link)
                    self._changed.notify_all()
                if not gate:
                    self._check(told)
                    self._send(link, [])
        with self._changed:
            for waiting in self._waiting.values():
                if link in waiting:
                    waiting.remove(link)
            if process:
                self.told.append({"gone": process})
            self._changed.notify_all()

    def _send(self, link, answer):
        with contextlib.suppress(OSError):
            link.sendall(json.dumps(answer).encode() + b"\n")

    def _check(self, told):
        """What the host sent is held to what is published of it."""
        if "received" in told:
            try:
                plugin_contract.check_sent(told["received"], is_command="lines" in told)
            except AssertionError as fault:
                self._faults.append(fault)

    def _raise_faults(self):
        if self._faults:
            raise self._faults[0]

    def _await(self, find, what):
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while not (found := find()):
                left = deadline - time.monotonic()
                shown = "\n".join(json.dumps(told)[:300] for told in self.told[-20:])
                assert left > 0, f"this didn't come: {what}\nwhat was told:\n{shown}"
                self._changed.wait(left)
            return found

    def dismiss(self):
        """Has all programs leave, and those that begin from now on."""
        self._is_over = True
        # Closing alone would leave the thread that accepts where it is.
        self._hang_up(self._socket)
        self._socket.close()
        for link in self._links:
            self._hang_up(link)

    def _hang_up(self, link):
        with contextlib.suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.dismiss()
        for link in self._links:
            link.close()
        self._raise_faults()


class PluggedHost(Host):
    """A host as it is tested here: what it tells of a stream, and in its log, can be waited for."""

    def __init__(self, *arguments, **more):
        self._streams = collections.defaultdict(list)
        super().__init__(*arguments, **more)

    def _parse_new(self):
        before = self._parsed
        super()._parse_new()
        for text in self.lines[before : self._parsed]:
            message = contract.parse(text)
            for one in message if isinstance(message, list) else [message]:
                if "method" not in one:
                    self._streams[name(one["id"])].append(("answer", one))
                elif "requestId" in one["params"]:
                    self._streams[name(one["params"]["requestId"])].append((one["method"], one["params"]))
                else:
                    self._streams[None].append((one["method"], one["params"]))

    def told(self, *id):
        """What came about the request with this id so far, in its order: notifications, each (method, params), and
        ("answer", message). Without an id: the notifications that have none."""
        with self._changed:
            self._parse_new()
            return list(self._streams[name(*id) if id else None])

    def wait_for(self, what, *id, count=1):
        """The params of the count-th notification with this method."""

        def find():
            found = [params for method, params in self.told(*id) if method == what]
            return found[count - 1] if len(found) >= count else None

        return self._await(find, f"{count} × {what} for {id}")

    def wait_for_text(self, text, *id, kind="text"):
        """Waits until the pieces of that kind add up to this; how many they are is the host's to say. Gives the last."""

        def find():
            pieces = [told for method, told in self.told(*id) if method.endswith("/delta") and told["kind"] == kind]
            return pieces[-1] if "".join(piece["text"] for piece in pieces) == text else None

        return self._await(find, f"the {kind} {text[:100]!r} for {id}")

    def wait_in_log(self, *words):
        """The first line on stderr that has all of these."""

        def find():
            return next((row for row in self.stderr.split("\n") if all(word in row for word in words)), None)

        return until(find, f"a line in the log with {words}; there was:\n{self.stderr[-3000:]}")


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def serve(store, stage, tmp_path):
    """Starts a host with the agent `steered` by default, and `echo`. Its turns are cancelled at the test's end.

    The config has a folder of its own, which is not the one that the host runs in.
    """
    numbers = itertools.count(1)
    with contextlib.ExitStack() as hosts:

        def start(agent, *options, agents=(), config=(), reading=True, start=("c",), **popen):
            folder = tmp_path / f"config{next(numbers)}"
            folder.mkdir(exist_ok=True)
            everybody = {"steered": agent, "echo": {"kind": "echo"}, **dict(agents)}
            path = folder / "parley.json"
            path.write_text(json.dumps({"defaultAgent": "steered", "agents": everybody, **dict(config)}))
            host = PluggedHost(store, *options, config=path, reading=reading, **popen)
            hosts.enter_context(host)
            hosts.callback(lambda: host.process.poll() is None and (stage.dismiss(), host.stop()))
            for id in start if reading else ():
                host.start(conversationId=id)
            return host

        yield start


def is_unharmed(host):
    """It answers, and its other agents do."""
    assert host.request("ping") == {}
    done = host.request("agent/execute", {"agentId": "echo", "prompt": "still there"})
    assert done["response"] == "You said: still there"
