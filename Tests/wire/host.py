"""A running Parley, or one run of it: bytes in, checked lines out."""

import collections
import itertools
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import contract
from messages import Asked, WireError, call, name, notice

ROOT = Path(__file__).resolve().parents[2]
PARLEY = Path(os.environ.get("PARLEY") or ROOT / ".build" / "release" / "parley").absolute()

PATIENCE = 60
"""Seconds to wait for what must happen: far more than it takes, so only a host that hangs runs into it."""


def environment(home):
    """Nothing of the caller's own environment reaches the host but where programs are."""
    return {"HOME": str(home), "PATH": os.environ["PATH"]}


def command(store, *options, config=None):
    return [str(PARLEY), "--store", str(store), *options, *(["--config", str(config)] if config else [])]


class Host:
    """`parley` as a child with pipes.

    Leaving the `with` block ends the input and expects the host to leave with 0, unless the test has seen to its end
    already. Where the block raises, the host is killed. With `reading=False` nobody reads its output before `read()`.
    `strict=False` is for stores that hold what this version doesn't write.
    """

    def __init__(self, store, *options, config=None, strict=True, reading=True, **popen):
        self.store = Path(store)
        self.lines = []  # every line received, as bytes without the line end
        self.notifications = []  # the notifications among them, parsed, as far as answers were asked for
        self._asked = Asked(strict)
        self._ids = itertools.count(1)
        self._unread = collections.deque()
        self._parsed = 0
        self._ended = False
        self._cut = None  # what a host that was killed had written of its last line
        self._stderr = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            command(store, *options, config=config),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=popen.pop("stderr", subprocess.PIPE),
            env=environment(self.store.parent),
            cwd=self.store.parent,
            **popen,
        )
        self.pid = self.process.pid
        self._output = threading.Thread(target=self._collect_lines, daemon=True)
        self._errors = threading.Thread(target=self._collect_stderr, daemon=True)
        self._errors.start()
        if reading:
            self.read()

    def read(self):
        """Begins to read what the host answers."""
        self._output.start()

    def _collect_lines(self):
        for text in self.process.stdout:
            with self._changed:
                if text.endswith(b"\n"):
                    self.lines.append(text[:-1])
                else:
                    self._cut = text
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _collect_stderr(self):
        for text in self.process.stderr or ():
            self._stderr.append(text)

    @property
    def stderr(self):
        return b"".join(self._stderr).decode("utf-8", "replace")

    # Sending

    def send_raw(self, data):
        self._asked.note(data)
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def pour(self, data):
        """Sends bytes without a look at what they ask for: there are too many of them."""
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def begin(self, method, params=None, id=None):
        """Sends a request and gives its id; `expect` gives what comes of it."""
        id = next(self._ids) if id is None else id
        self._asked.note_request(id, method, params)
        self.send_raw(call(id, method, params))
        return id

    def request(self, method, params=None, id=None):
        return self.expect(self.begin(method, params, id))

    def notify(self, method, params=None):
        self.send_raw(notice(method, params))

    def close_input(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()

    # Receiving

    def expect(self, id):
        """The result of the request with this id; raises its error."""
        answer = self.answer(id)
        if "error" in answer:
            raise WireError(answer["error"])
        return answer["result"]

    def answer(self, id):
        """The answer with this id, whatever came before it."""
        return self._await(lambda: self._taken(id), f"the answer to {name(id)}")

    def next(self):
        """The next answer, whichever, or the list of a batch's answers."""
        return self._await(lambda: self._unread.popleft() if self._unread else None, "a line")

    def has_answered(self, id):
        """Whether the answer is there already. Of use only where the order of answers tells that it must be."""
        with self._changed:
            self._parse_new()
            found = self._taken(id)
            if found is not None:
                self._unread.append(found)
            return found is not None

    def _taken(self, id):
        for place, message in enumerate(self._unread):
            if isinstance(message, dict) and name(message["id"]) == name(id):
                del self._unread[place]
                return message
        return None

    def _await(self, find, what):
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                self._parse_new()
                found = find()
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                assert not self._ended, f"the output ended before {what}\n{self._account()}"
                assert left > 0, f"{what} didn't come\n{self._account()}"
                self._changed.wait(left)

    def _parse_new(self):
        for text in self.lines[self._parsed :]:
            self._parsed += 1
            parsed = contract.parse(text)
            self._asked.check(parsed, len(text))
            (self.notifications if contract.is_notification(parsed) else self._unread).append(parsed)

    def _account(self):
        shown = b"\n".join(text[:200] for text in self.lines[-30:]).decode("utf-8", "replace")
        return f"the last of {len(self.lines)} lines:\n{shown}\nstderr:\n{self.stderr[-2000:]}"

    # Conversations, in short

    def start(self, **params):
        return self.request("conversation/start", params)["conversation"]

    def send(self, conversation, content, **params):
        return self.expect(self.begin_send(conversation, content, **params))

    def begin_send(self, conversation, content, **params):
        return self.begin("conversation/send", {"conversationId": conversation, "content": content, **params})

    def get(self, conversation):
        return self.request("conversation/get", {"conversationId": conversation})["conversation"]

    def history(self, conversation, **params):
        return self.request("conversation/history", {"conversationId": conversation, **params})

    def file(self, conversation):
        return self.store / "conversations" / f"{conversation}.jsonl"

    # The end

    def wait(self):
        """The status that the host leaves with, -N for a signal. All that it wrote is then received and checked."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the host doesn't leave\n{self._account()}") from None
        if self._output.ident is not None:
            self._output.join(PATIENCE)
        self._errors.join(PATIENCE)
        with self._changed:
            self._parse_new()
        assert self._cut is None or status < 0, f"the output ends in the middle of a line: {self._cut[-200:]}"
        return status

    def stop(self):
        """Has the running turns cancelled and the host leave."""
        self.process.send_signal(signal.SIGTERM)
        self._expect_success()

    def kill(self):
        self.process.kill()
        return self.wait()

    def _expect_success(self):
        status = self.wait()
        assert status == 0, f"the host left with {status}\n{self._account()}"

    def peak_memory(self):
        """The most bytes that were resident so far."""
        rows = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(row for row in rows if row.startswith("VmHWM:")).split()[1]) * 1024

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is None and self.process.returncode is None:
                self.close_input()
                self._expect_success()
            elif kind is None:
                self.wait()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for thread in (self._output, self._errors):
                if thread.ident is not None:
                    thread.join(PATIENCE)
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                try:
                    if pipe is not None:
                        pipe.close()
                except BrokenPipeError:
                    pass


Run = collections.namedtuple("Run", "status lines notifications stderr raw")


def run(input, store, *options, config=None, strict=True):
    """All of the input in, all of the output out: the status, the parsed lines with answers and those with
    notifications, stderr, and the output as bytes."""
    asked = Asked(strict)
    asked.note(input + b"\n")
    done = subprocess.run(
        command(store, *options, config=config),
        input=input,
        capture_output=True,
        timeout=PATIENCE,
        env=environment(Path(store).parent),
        cwd=Path(store).parent,
    )
    assert done.stdout == b"" or done.stdout.endswith(b"\n"), "the output ends in the middle of a line"
    lines, notifications = [], []
    for text in done.stdout.split(b"\n")[:-1]:
        parsed = contract.parse(text)
        asked.check(parsed, len(text))
        (notifications if contract.is_notification(parsed) else lines).append(parsed)
    return Run(done.returncode, lines, notifications, done.stderr.decode("utf-8", "replace"), done.stdout)
