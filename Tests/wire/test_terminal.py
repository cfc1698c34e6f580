"""A person who types `parley` and nothing else is told how to begin, and gets the prompt back."""

import os
import pty
import subprocess

from host import PARLEY, PATIENCE, environment


def read_all(terminal):
    said = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # EIO: the other side is closed
            return said.decode()
        if not piece:
            return said.decode()
        said += piece


def test_a_terminal_with_nothing_piped_in(tmp_path):
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(PARLEY)], stdin=theirs, stdout=theirs, stderr=theirs, env=environment(tmp_path), start_new_session=True
    )
    os.close(theirs)
    try:
        process.wait(PATIENCE)
    finally:
        process.kill()
    said = read_all(terminal)
    os.close(terminal)
    assert "parley send" in said
    assert "--help" in said or "parley help" in said
    assert '"jsonrpc"' not in said.split("\n")[0]


def test_a_pipe_into_a_terminal_is_served(tmp_path):
    """Only a terminal as stdin means that nobody will write requests."""
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(PARLEY)], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=environment(tmp_path), cwd=tmp_path
    )
    os.close(theirs)
    process.communicate(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n', timeout=PATIENCE)
    assert process.returncode == 0
    assert read_all(terminal) == '{"jsonrpc":"2.0","id":1,"result":{}}\r\n'
    os.close(terminal)
