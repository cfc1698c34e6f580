"""`parley plugin check`: each fault is told by the check that is called after it, and by no other."""

import pytest
from plugin_check_kit import EXECUTE, check, notes, parley, plugin  # noqa: F401
from processes import alive_in

HOOK = "def hook(self, method, params): return {**HOOKS[method],"
FAULTS = [
    # capabilities
    ("capabilities", "capabilities = ['agent/exceute', *HOOKS]", "is it meant to be `agent/execute`?"),
    ("capabilities", "capabilities = []", "claims nothing"),
    # any request and notification
    ("unknown method", "def unknown(self, id): self.answer(id, {})", "-32601"),
    ("unknown method", "def unknown(self, id): self.fail(id, -32603)", "-32603"),
    ("unknown method", "def unknown(self, id): sys.exit(1)", "ended with status 1"),
    ("unknown notification", "def hear(self, method): self.fail(None, -32601)", "-32601"),
    ("unknown notification", "def hear(self, method): os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
    (
        "more members",
        """
        def execute(self, id, params):
            super().execute(id, params) if "since_a_later_version" not in params else self.fail(id, -32602)
        """,
        "-32602",
    ),
    (
        "more members",
        """
        def initialize(self, id, params):
            super().initialize(id, params) if "since_a_later_version" not in params else self.fail(id, -32602)
        """,
        "initialize",
    ),
    ("ids", "def fail(self, id, *rest): super().fail(str(id), *rest)", '`"'),
    ("ids", "def answer(self, id, result): super().answer(float(id), result)", "1.0"),
    ("ids", "def take(self, id, *rest): super().take(id or None, *rest)", "with the id 0"),
    # an agent's answers
    ("agent/execute", EXECUTE + " self.answer(id, {'reply': 'a'})", "`response`"),
    ("agent/execute", EXECUTE + " self.answer(id, {'response': None})", "null"),
    ("agent/execute", EXECUTE + " self.answer(id, 'a')", "a string"),
    ("agent/execute", EXECUTE + " self.fail(id, 1)", "No."),
    ("agent/execute", EXECUTE + " sys.exit('broken')", "ended with status 1"),
    (
        "no conversation",
        EXECUTE + " super().execute(id, params) if 'turnId' in params else self.fail(id, 1, 'KeyError')",
        "KeyError",
    ),
    ("metadata", "metadata = []", "an array"),
    ("metadata", "metadata = {'tools_used': 'search'}", "`tools_used`"),
    ("metadata", "metadata = {'tools_used': ['search', 1]}", "`tools_used`"),
    ("metadata", "metadata = {'usage': {'input_tokens': 1}}", "`usage`"),
    ("metadata", "metadata = {'usage': {'input_tokens': 1, 'output_tokens': -1}}", "`usage`"),
    ("metadata", "metadata = {'usage': {'input_tokens': 1, 'output_tokens': 1, 'cost': 0.1}}", "`cost`"),
    ("metadata", "metadata = {'tokens_used': 1.5}", "`tokens_used`"),
    ("pieces", "response = 'You said it'", "`You said it.`"),
    ("pieces", "def piece(self, params, *rest): super().piece({'executionId': 'x'}, *rest)", "`x`"),
    ("pieces", "def piece(self, params, text, kind=None): super().piece(params, text, kind or 'word')", '`"word"`'),
    ("pieces", "def piece(self, params, text, kind=None): super().piece(params, None)", "`text`"),
    ("pieces", EXECUTE + " super().execute(id, params); self.piece(params, '')", "behind the answer"),
    # hooks
    ("profile/load", HOOK + " 'profile': 'Ada'}", "`profile`"),
    ("sentiment/analyze", HOOK + " 'sentiment': 'glad'}", "`glad`"),
    ("sentiment/analyze", HOOK + " 'confidence': -0.1}", "`confidence`"),
    ("topics/extract", HOOK + " 'topics': ['a'] * 51}", "51"),
    ("topics/extract", HOOK + " 'topics': ['ü' * 51]}", "102 bytes"),
    ("topics/extract", HOOK + " 'topics': 'a'}", "`topics`"),
    ("context/build", HOOK + " 'context': None}", "`context`"),
    # any text
    ("letters", EXECUTE + " params['prompt'].encode('latin-1'); super().execute(id, params)", "ended with status 1"),
    (
        "letters",
        EXECUTE + " super().execute(id, params) if 'ü' not in params['prompt'][:9] else self.fail(id, 1)",
        "No.",
    ),
    (
        "letters",
        EXECUTE + " super().execute(id, params) if '🙂' not in params['prompt'] else self.answer(id, {})",
        "`response`",
    ),
    (
        "letters",
        "def lines(self): return (line for read in super().lines() for line in read.decode().splitlines())",
        "ended with status 1",
    ),
    (
        "U+0000",
        EXECUTE + " super().execute(id, params) if '\\0' not in params['prompt'] else os.stat(params['prompt'])",
        "ended with status 1",
    ),
    ("1 MiB", "def lines(self): return (line[: 1 << 16] for line in super().lines())", "ended with status 1"),
    # requests that overlap, or are given up
    (
        "two at once",
        """
        def execute(self, id, params):
            while self.ahead and b"agent/execute" in self.ahead[0]:
                self.ahead.popleft()
            super().execute(id, params)
        """,
        "the second",
    ),
    ("cancel", EXECUTE + " self.is_cancelled(id) or super().execute(id, params)", "did not answer within 2 s"),
    (
        "cancel",
        EXECUTE + " self.fail(id, 1, 'Stopped') if self.is_cancelled(id) else super().execute(id, params)",
        "Stopped",
    ),
    (
        "after a cancel",
        """
        stopped = False

        def execute(self, id, params):
            if self.stopped:
                return self.fail(id, 1, "Stopped")
            self.stopped = any(b"cancelRequest" in line for line in self.ahead)
            super().execute(id, params)
        """,
        "Stopped",
    ),
    ("late cancel", "def cancel(self, id): {}[id]", "ended with status 1"),
    ("late cancel", "def cancel(self, id): self.fail(id, -32800)", "-32800"),
    # its lines
    ("answers", "def send(self, **message): super().send(**{**message, 'jsonrpc': '1.0'})", "jsonrpc"),
    ("answers", "def answer(self, id, result): self.send(id=id, result=result, error=None)", "both"),
    ("answers", "def unknown(self, id): self.send(id=id, error={'code': -32601})", "`message`"),
    ("answered once", "def answer(self, *rest): super().answer(*rest); super().answer(*rest)", "answered before"),
    ("answered once", EXECUTE + " self.answer(7000, {}); super().execute(id, params)", "7000"),
    ("stdout", EXECUTE + " self.write(b'thinking\\n'); super().execute(id, params)", "`thinking`"),
    ("stdout", EXECUTE + " self.write(b'[]\\n'); super().execute(id, params)", "an array"),
    ("stdout", EXECUTE + " self.write(b'{\"a\": \"\\xff\"}\\n'); super().execute(id, params)", "0xff"),
    ("stdout", "def leave(self): self.write(b'{}')", "no line end"),
    ("stdout", EXECUTE + " self.write(b'x' * (16 << 20) + b'y\\n'); super().execute(id, params)", "16777216"),
    # its end
    ("end of input", "def leave(self): stay()", "still there"),
    ("end of input", "def leave(self): sys.exit(3)", "status 3"),
    ("nothing left", "def leave(self): subprocess.Popen(['sleep', '1000'])", "`sleep`"),
    (
        "nothing left",
        "def leave(self): subprocess.Popen(['sleep', '1000'], stdin=-3, stdout=-3, stderr=-3)",
        "`sleep`",
    ),
    ("SIGTERM", "def hear(self, method): pass\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)", "SIGTERM"),
]


@pytest.mark.parametrize("name, otherwise, said", FAULTS, ids=[f"{name}{i}" for i, (name, *_) in enumerate(FAULTS)])
def test_a_fault_is_told_by_its_check(check, plugin, name, otherwise, said):
    done = check("--patience", "2", *plugin(otherwise))
    # What comes twice may come right behind the cancel of what was answered, and look like an answer to that.
    may = {"late cancel"} if name == "answered once" else set()
    done.passes_but_for(name, *(done.having("short") & may))
    assert said in done.details[name]


BEGINNINGS = {
    "no answer": ("stay()", "did not answer within 3 s"),
    "no line end": ("self.write(b'{\"id\": 1}'); stay()", '`{"id": 1}` without a line end'),
    "an end": ("sys.exit(4)", "ended with status 4"),
    "an error": ("self.fail(id, 1, 'There is no disk.')", "There is no disk."),
    "no name": ("self.answer(id, {'version': '1', 'capabilities': []})", "`name`"),
    "a version that is a number": ("self.answer(id, {'name': 'a', 'version': 1, 'capabilities': []})", "`version`"),
    "no capabilities": ("self.answer(id, {'name': 'a', 'version': '1'})", "`capabilities`"),
    "capabilities of another kind": ("self.answer(id, {'name': 'a', 'version': '1', 'capabilities': [{}]})", "strings"),
}


@pytest.mark.parametrize("answer, said", BEGINNINGS.values(), ids=BEGINNINGS)
def test_nothing_goes_on_after_a_false_start(check, plugin, notes, answer, said):
    done = check("--patience", "0.5", *plugin(f"def initialize(self, id, params): {answer}"))
    done.passes_but_for("initialize")
    assert said in done.details["initialize"]
    assert done.having("ok") == {"starts"}
    assert [note["method"] for note in notes() if "method" in note] == ["initialize"]


@pytest.mark.parametrize("command", ["no-such-program", "./no-such-file", "./text"])
def test_a_command_that_cannot_be_started(check, tmp_path, command):
    (tmp_path / "text").write_text("just words")
    done = check(command)
    done.passes_but_for("starts")
    assert command in done.details["starts"]
    assert done.having("skipped") == set(done.outcomes) - {"starts"}


def test_a_plugin_that_can_be_started_once_only(check, plugin):
    once = """
        def initialize(self, id, params):
            try:
                os.mkdir(sys.argv[1] + ".lock")
            except FileExistsError:
                sys.exit(8)
            super().initialize(id, params)
    """
    done = check(*plugin(once))
    done.passes_but_for("initialize", "more members")
    assert "status 8" in done.details["initialize"]
    assert done.outcomes["end of input"] == "ok"
    assert done.outcomes["SIGTERM"] == "skipped"


def test_nobody_is_left_behind(check, plugin, notes):
    """Neither a plugin that doesn't leave, nor what it has started."""
    stubborn = """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

        def initialize(self, id, params):
            self.note({"pid": subprocess.Popen(["sleep", "1000"]).pid})
            super().initialize(id, params)

        def leave(self):
            stay()
    """
    check(*plugin(stubborn)).passes_but_for("end of input", "SIGTERM")
    groups = {note["pid"] for note in notes() if "pid" in note}
    assert len(groups) >= 4
    assert not alive_in(groups)
