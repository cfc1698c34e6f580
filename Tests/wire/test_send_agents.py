"""`parley send` with agents that are programs: what a person in a terminal sees of a failure, and keeps of what was
broken off."""

import json
import os
import signal
import subprocess

import pytest
from host import PARLEY, PATIENCE, environment


@pytest.fixture
def send(tmp_path):
    """Begins `parley send` to a shell script as the agent."""

    def begin(script, stdout=subprocess.PIPE):
        agents = {"it": {"kind": "exec", "command": ["/bin/sh", "-c", script]}}
        (tmp_path / "parley.json").write_text(json.dumps({"defaultAgent": "it", "agents": agents}))
        command = [PARLEY, "send", "--store", tmp_path / "store", "--config", tmp_path / "parley.json", "Hello"]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
            env=environment(tmp_path), cwd=tmp_path,
        )  # fmt: skip

    return begin


def test_what_the_program_said_is_told_with_its_failure(send):
    process = send("echo half; echo one >&2; echo two >&2; exit 3")
    out, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (1, "")
    assert errors == "agentFailed: The command of `it` ended with status 3.\n  one\n  two\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_shown_before_a_signal_is_kept(send, tmp_path, number):
    os.mkfifo(tmp_path / "gate")
    terminal, end = os.openpty()
    process = send("echo half; exec 3<gate", stdout=end)
    os.close(end)
    shown = b""
    while b"half" not in shown:
        shown += os.read(terminal, 1000)
    process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and errors.startswith("cancelled: ")
    # What follows begins a line.
    assert shown + os.read(terminal, 1000) == b"half\r\n"
    os.close(terminal)
    (file,) = (tmp_path / "store" / "conversations").glob("*.jsonl")
    ends = [event for event in map(json.loads, file.read_text().splitlines()) if event["type"] == "turnEnded"]
    assert [(event["outcome"], event["partial"]) for event in ends] == [("cancelled", "half")]
