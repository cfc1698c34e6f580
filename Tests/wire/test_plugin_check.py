"""`parley plugin check`: who keeps to the protocol passes; what the plugin is given, and how people are told."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import plugin_contract
import pytest
from host import PARLEY, PATIENCE, ROOT, environment
from plugin_check_kit import EXECUTE, HOOKS, OF_EXECUTION, check, notes, parley, plugin  # noqa: F401

EXAMPLES = ROOT / "examples" / "plugins"


# Who passes


@pytest.mark.parametrize(
    "file, claimed",
    [("agent.py", "agent/execute"), ("sentiment.py", "sentiment/analyze"), ("profiles.py", "profile/load")],
)
def test_an_example_passes(check, file, claimed):
    done = check("python3", file, cwd=EXAMPLES)
    done.passes_but_for()
    assert done.report["command"] == ["python3", file]
    unclaimed = {*OF_EXECUTION, *HOOKS} - ({*OF_EXECUTION} if claimed == "agent/execute" else {claimed})
    assert done.having("skipped") == unclaimed


def test_who_does_it_all_passes_every_check(check, plugin):
    done = check(*plugin())
    done.passes_but_for()
    assert done.having("ok") == set(done.outcomes)
    assert done.stderr == ""


def test_what_it_asks_is_what_is_published(check, plugin, notes):
    check(*plugin()).passes_but_for()
    messages = [message for message in notes() if "method" in message]
    known = {method["name"] for method in plugin_contract.DOCUMENT["methods"]}
    asked = [message for message in messages if message["method"] in known and "since_a_later_version" not in message]
    assert {message["method"] for message in asked} == known
    for message in asked:
        plugin_contract.check_sent(message, is_command=False)
    # What a newer host might say more stands in every object.
    newer = [message for message in messages if "since_a_later_version" in message]
    assert [message["method"] for message in newer] == ["initialize", "agent/execute"]
    assert all("since_a_later_version" in each for each in newer[1]["params"]["messages"])


def test_who_claims_hooks_alone_is_not_asked_to_execute(check, plugin, notes):
    done = check(*plugin(f"capabilities = {HOOKS}"))
    done.passes_but_for()
    assert done.having("skipped") == set(OF_EXECUTION)
    assert "agent/execute" not in [note.get("method") for note in notes()]


def test_who_claims_to_execute_is_not_asked_for_hooks(check, plugin, notes):
    done = check(*plugin('capabilities = ["agent/execute"]'))
    done.passes_but_for()
    assert done.having("skipped") == set(HOOKS)
    assert not {note.get("method") for note in notes()} & set(HOOKS)


@pytest.mark.parametrize("kind", ["unavailable", "timeout"])
def test_an_agent_that_lacks_something_is_not_to_blame(check, plugin, kind):
    data = {"code": 7, "message": "There is no key.", "data": {"kind": kind}}
    done = check(*plugin(f"{EXECUTE} self.send(id=id, error={data})\ncapabilities = ['agent/execute']"))
    done.passes_but_for()
    needing = {*OF_EXECUTION, "letters", "U+0000", "1 MiB", "two at once", "cancel", "after a cancel"}
    assert done.having("skipped") == {*needing, *HOOKS}
    assert all("There is no key." in done.details[name] for name in needing)


PASSING = {
    "replies without pieces and metadata": "def execute(self, id, params): self.answer(id, {'response': ''})",
    "answers in the other order": """
        def execute(self, id, params):
            if self.ahead and b"agent/execute" in self.ahead[0]:
                message = json.loads(self.ahead.popleft())
                super().execute(message["id"], message["params"])
            super().execute(id, params)
    """,
    "a notification that nobody knows, blank lines and carriage returns": """
        def send(self, **message):
            self.write(b' \\r\\n{"jsonrpc": "2.0", "method": "agent/mood", "params": {}}\\r\\n')
            super().send(**message)
    """,
    "asks the host, and waits for the refusal": """
        def initialize(self, id, params):
            self.send(id="mine", method="host/files", params={})
            data = b""
            while b"\\n" not in data:
                data += os.read(0, 1 << 16)
            answer = json.loads(data)
            assert answer["id"] == "mine" and answer["error"]["code"] == -32601
            super().initialize(id, params)
    """,
    "refuses U+0000, and much": """
        def execute(self, id, params):
            if "\\0" in params["prompt"] or len(params["prompt"]) > 9999:
                return self.fail(id, 1)
            super().execute(id, params)
    """,
    "knows no user": """
        def take(self, id, method, params):
            self.fail(id, 1) if method == "profile/load" else super().take(id, method, params)
    """,
    "leaves by its own hand at SIGTERM": """
        def initialize(self, id, params):
            signal.signal(signal.SIGTERM, lambda *_: os._exit(5))
            super().initialize(id, params)
    """,
    "has a child that leaves a moment later": """
        def leave(self):
            os.close(0)
            subprocess.Popen([sys.executable, "-c", "import os; os.read(0, 1)"], stdin=subprocess.PIPE)
    """,
    "has killed its child, and doesn't wait for it": """
        def leave(self):
            subprocess.Popen(["sleep", "1000"]).kill()
    """,
}


@pytest.mark.parametrize("otherwise", PASSING.values(), ids=PASSING)
def test_what_is_allowed_passes(check, plugin, otherwise):
    check(*plugin(otherwise)).passes_but_for()


# The command line


def test_what_the_plugin_is_given(check, plugin, notes):
    words = ["--environment", "ONE", "--environment", "TWO", "--settings", '{"tone": ["kind", 1.5]}']
    done = check(*words, *plugin(), "--json", "-v", "--", "x", variables={"ONE": "1", "THREE": "3"})
    done.passes_but_for()
    assert "`TWO` is not set" in done.stderr
    began = notes()[0]
    assert began["arguments"] == ["--json", "-v", "--", "x"]
    assert {"ONE", "HOME", "PATH"} <= set(began["variables"])
    assert not {"TWO", "THREE"} & set(began["variables"])
    asked = [note["params"]["settings"] for note in notes() if note.get("method") == "initialize"]
    assert asked == [{"tone": ["kind", 1.5]}] * 2


def test_a_command_behind_two_dashes(check, tmp_path):
    done = check("--", "-no-such")
    assert done.report["command"] == ["-no-such"]
    assert done.status == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--"],
        ["--json"],
        ["--no-such", "python3"],
        ["--patience"],
        ["--patience", "soon", "python3"],
        ["--patience", "0", "python3"],
        ["--patience", "nan", "python3"],
        ["--settings", "[]", "python3"],
        ["--settings", "{", "python3"],
        ["--environment"],
    ],
    ids=" ".join,
)
def test_a_command_line_that_cannot_be_taken(parley, words):
    done = parley(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"\n")


def test_help(parley):
    done = parley("--help")
    assert done.returncode == 0
    for word in [b"--environment", b"--settings", b"--patience", b"--json", b"COMMAND"]:
        assert word in done.stdout


# The report


def test_a_report_for_people(parley, plugin):
    complain = "def unknown(self, id): os.write(2, b'first\\nI am \\x1b[31mlost\\n'); sys.exit(1)"
    done = parley(*plugin(complain))
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b"")
    table, errors, summary = text.split("\n\n")
    names = [row[:20].strip() for row in table.split("\n")]
    assert names[:4] == ["starts", "initialize", "capabilities", "unknown method"] and len(names) == 28
    assert re.search(r"^unknown method +falls short  Asked for one, it ended with status 1 .+\.$", table, re.MULTILINE)
    assert errors == "The end of its stderr:\n  | first\n  | I am \N{REPLACEMENT CHARACTER}[31mlost"
    assert summary == "27 checks passed, 1 fell short\n"


def test_a_good_plugin_is_not_quoted(parley, plugin):
    done = parley(*plugin("def unknown(self, id): os.write(2, b'first\\n'); super().unknown(id)"))
    assert done.returncode == 0
    assert "first" not in done.stdout.decode()
    assert done.stdout.decode().endswith("\n\n28 checks passed\n")
    assert "\x1b" not in done.stdout.decode()


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}])
def test_on_a_terminal_it_fits_and_has_colours(tmp_path, plugin, variables):
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 72, 0, 0))
    words = [str(PARLEY), "plugin", "check", *plugin("def unknown(self, id): self.answer(id, {})")]
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE,
        env={**environment(tmp_path), **variables}, cwd=tmp_path,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    try:
        while data := os.read(terminal, 1 << 16):
            said += data
    except OSError:  # EIO: the other side is closed
        pass
    os.close(terminal)
    process.stderr.close()
    assert process.wait(PATIENCE) == 1
    lines = said.decode().replace("\r\n", "\n").split("\n")
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert max(map(len, plain)) <= 72
    assert any(line.startswith(" " * 35) for line in plain), "long sentences go on in the next line"
    assert ("\x1b[31mfalls short\x1b[m" in "\n".join(lines)) == (not variables)
    assert ("\x1b" in "\n".join(lines)) == (not variables)
