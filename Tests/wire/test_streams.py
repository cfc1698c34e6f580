"""What stdin and stdout may be, and a client that doesn't read while it writes."""

import fcntl
import os
import socket
import subprocess
import threading
import time

import contract
from host import PATIENCE, Host, command, environment
from messages import call

F_SETPIPE_SZ = 1031  # fcntl.F_SETPIPE_SZ, from Python 3.10 on
PONG = {"jsonrpc": "2.0", "id": 1, "result": {}}


def spawn(store, **streams):
    return subprocess.Popen(command(store), env=environment(store.parent), cwd=store.parent, **streams)


def test_plain_files(store, tmp_path):
    (tmp_path / "in").write_bytes(call(1, "ping") + call(2, "nothing"))
    with open(tmp_path / "in", "rb") as input, open(tmp_path / "out", "wb") as output:
        assert spawn(store, stdin=input, stdout=output).wait(PATIENCE) == 0
    first, second = (contract.parse(text) for text in (tmp_path / "out").read_bytes().splitlines())
    assert first == PONG
    assert second["error"]["code"] == -32601


def test_nothing_to_read(store):
    done = spawn(store, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert (done.communicate(timeout=PATIENCE)[0], done.returncode) == (b"", 0)


def test_one_socket_for_both(store):
    """As some editors and supervisors have it: one socket is stdin and stdout."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(PATIENCE)
        process = spawn(store, stdin=theirs, stdout=theirs)
        theirs.close()
        ours.sendall(call(1, "ping"))
        with ours.makefile("rb") as answers:
            assert contract.parse(answers.readline()) == PONG
            ours.shutdown(socket.SHUT_WR)
            assert answers.readline() == b""
        assert process.wait(PATIENCE) == 0


def test_pipes_that_do_not_block(store):
    """A parent may have made them so for its own sake: the flag is the pipe's, so it holds for the child as well."""
    count = 20_000
    (input, ours_in), (ours_out, output) = os.pipe(), os.pipe()
    os.set_blocking(input, False)
    os.set_blocking(output, False)
    process = spawn(store, stdin=input, stdout=output)
    os.close(input)
    os.close(output)

    def write():
        with open(ours_in, "wb") as pipe:
            pipe.write(b"".join(call(number, "ping") for number in range(count)))

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    with open(ours_out, "rb") as pipe:
        assert [contract.parse(text)["id"] for text in pipe] == list(range(count))
    writer.join(PATIENCE)
    assert process.wait(PATIENCE) == 0


def test_everything_is_written_before_anything_is_read(store):
    """20,000 requests and nobody reading: more than every pipe holds, so a host that waits for its reader is stuck."""
    count = 20_000
    padding = {"_meta": "x" * 40}
    with Host(store, reading=False) as host:
        session = b"".join(call(number, "ping", padding) for number in range(count))

        def write():
            host.send_raw(session)
            host.close_input()

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        writer.join(PATIENCE)
        assert not writer.is_alive(), "the host stopped reading because nobody reads its answers"
        host.read()
        assert host.wait() == 0
        assert sorted(host.next()["id"] for _ in range(count)) == list(range(count))


def test_waiting_answers_are_bounded(store):
    """400 short requests for 1 MiB each, and nobody reads: the host holds so much and no more, and loses none."""
    count = 400
    with Host(store, reading=False) as host:
        host.send_raw(call("s", "conversation/start", {"conversationId": "c"}))
        long = {"conversationId": "c", "content": "x" * (1 << 20), "execute": False}
        host.send_raw(call("m", "conversation/send", long))
        asked = b"".join(call(number, "conversation/history", {"conversationId": "c"}) for number in range(count))
        writer = threading.Thread(target=host.send_raw, args=(asked,), daemon=True)
        writer.start()
        # Nothing tells that the host holds as much as it will but that it stops growing.
        before = 0
        while host.peak_memory() > before:
            before = host.peak_memory()
            time.sleep(0.3)
        host.read()
        for number in range(count):
            assert host.expect(number)["messages"][0]["seq"] == 1
        assert host.peak_memory() < 200 << 20
        writer.join(PATIENCE)


def test_a_pipe_of_one_page(store):
    """A long answer through it arrives whole, and the next one behind it."""
    content = "é\u2028\"\\" * 100_000
    with Host(store, reading=False) as host:
        fcntl.fcntl(host.process.stdout.fileno(), F_SETPIPE_SZ, 4096)
        host.send_raw(call(1, "conversation/start", {"conversationId": "c"}))
        host.send_raw(call(2, "conversation/send", {"conversationId": "c", "content": content}))
        host.send_raw(call(3, "ping"))
        host.close_input()
        host.read()
        assert host.expect(2)["message"]["content"] == content
        assert host.expect(3) == {}
