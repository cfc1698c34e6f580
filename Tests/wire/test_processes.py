"""How a host ends: the input's end, signals, a reader who leaves, and the request to shut down."""

import signal
import subprocess
import threading
import time
from pathlib import Path

import contract
import fold
import pytest
from host import PATIENCE, Host, command, environment
from messages import WireError, call, notice


def kind_of(host, id):
    with pytest.raises(WireError) as caught:
        host.expect(id)
    return caught.value.kind


def outcomes(store, id="c"):
    events = contract.check_file(store / "conversations" / f"{id}.jsonl")
    return [event["outcome"] for event in events if event["type"] == "turnEnded"]


def test_the_end_of_the_input_lets_turns_end(store, configured):
    """What was read is answered, though it takes until the agent's time is up."""
    with Host(store, config=configured(timeouts={"total": 0.3})) as demo:
        demo.start(conversationId="c")
        running, queued = demo.begin_send("c", "hold"), demo.begin_send("c", "a")
        demo.close_input()
        assert demo.wait() == 0
        assert kind_of(demo, running) == "agentTimeout"
        assert demo.expect(queued)["reply"]["content"] == "Heard: a"
    assert outcomes(store) == ["failed"]


def test_the_time_for_that_can_be_bounded(store, configured):
    with Host(store, "--drain-seconds", "0", config=configured()) as demo:
        demo.start(conversationId="c")
        running = demo.begin_send("c", "hold")
        demo.close_input()
        assert demo.wait() == 0
        assert kind_of(demo, running) == "cancelled"
    assert outcomes(store) == ["cancelled"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cancels_turns_and_ends(demo, number):
    demo.start(conversationId="c")
    demo.start(conversationId="d")
    running, queued, other = demo.begin_send("c", "hold"), demo.begin_send("c", "x"), demo.begin_send("d", "hold")
    assert len(demo.get("c")["turns"]) == 2
    demo.process.send_signal(number)
    assert demo.wait() == 0
    assert [kind_of(demo, id) for id in (running, queued, other)] == ["cancelled"] * 3
    assert outcomes(demo.store) == outcomes(demo.store, "d") == ["cancelled"]


def test_a_signal_to_an_idle_host(host):
    assert host.request("ping") == {}
    host.stop()


def pending_signals(pid):
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return [row for row in rows if row.startswith(("SigPnd", "ShdPnd")) and int(row.split()[1], 16)]


@pytest.fixture
def unread(store):
    """A host with answers waiting that nobody reads: far more than its pipe holds."""
    with Host(store, reading=False) as host:
        host.send_raw(call("s", "conversation/start", {"conversationId": "c"}))
        host.send_raw(call("m", "conversation/send", {"conversationId": "c", "content": "x" * (1 << 20), "execute": False}))
        for number in range(5):
            host.send_raw(call(number, "conversation/history", {"conversationId": "c"}))
        # The last one's effect in the file tells that the requests before it were taken.
        host.send_raw(call("e", "conversation/end", {"conversationId": "c"}))
        deadline = time.monotonic() + PATIENCE
        while not (host.file("c").exists() and b'"type":"ended"' in host.file("c").read_bytes()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield host


def take_signal(host):
    """Sends SIGTERM and waits until it was delivered."""
    host.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while host.process.poll() is None and pending_signals(host.pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_signal_lets_waiting_answers_be_read(unread):
    take_signal(unread)
    unread.read()
    assert unread.wait() == 0
    for number in range(5):
        assert unread.expect(number)["total"] == 1
    assert unread.expect("e")["conversation"]["endTime"]


def test_a_second_signal_leaves_at_once(unread):
    """The first one waits for the reader, who never comes."""
    take_signal(unread)
    assert unread.process.poll() is None
    take_signal(unread)
    unread.wait()


def test_a_signal_amid_many_writes(host):
    """What was read is answered: done, and then it is in the file, or refused, and then it isn't."""
    host.start(conversationId="c")
    params = {"conversationId": "c", "execute": False}
    session = b"".join(call(f"m{n}", "conversation/send", {**params, "content": f"text {n}"}) for n in range(1_000))

    def write():
        try:
            host.send_raw(session)
        except BrokenPipeError:
            pass  # The host may leave before it has read everything.

    threading.Thread(target=write, daemon=True).start()
    first = host.answer("m0")["result"]["message"]
    host.process.send_signal(signal.SIGTERM)
    assert host.wait() == 0
    events = contract.check_file(host.file("c"))
    answers = [contract.parse(text) for text in host.lines[1:]]
    stored = [answer["result"]["message"] for answer in answers if "result" in answer]
    assert stored == fold.apart_from_insight(events)[1:] and first in stored
    refused = {answer["error"]["data"]["kind"] for answer in answers if "error" in answer}
    assert refused <= {"shuttingDown"}


def test_nobody_reads_any_more_and_the_input_ends(store, configured):
    """Then nobody waits for a turn either; what it has stored is closed properly."""
    with Host(store, config=configured(), reading=False) as demo:
        session = call(1, "conversation/start", {"conversationId": "c"})
        session += call(2, "conversation/send", {"conversationId": "c", "content": "hold", "wait": False})
        demo.send_raw(session)
        assert demo.process.stdout.readline() and demo.process.stdout.readline()
        demo.process.stdout.close()
        demo.close_input()
        assert demo.process.wait(PATIENCE) == 0
    assert outcomes(store) == ["cancelled"]


def test_nobody_reads_any_more_while_requests_come(store):
    """Writing to nobody is neither a crash nor a loop; the host leaves when the input ends."""
    with Host(store, reading=False) as host:
        host.send_raw(call("s", "conversation/start", {"conversationId": "c"}))
        assert host.process.stdout.readline()
        host.process.stdout.close()
        try:
            for number in range(2_000):
                host.send_raw(call(number, "conversation/send", {"conversationId": "c", "content": "x", "execute": False}))
            host.close_input()
        except BrokenPipeError:
            pass
        assert host.process.wait(PATIENCE) == 0


def test_a_full_stderr_that_nobody_reads_stops_nothing(store):
    """Each of these notifications is worth a line on stderr: more than a pipe holds."""
    with subprocess.Popen(
        command(store), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(store.parent)
    ) as process:
        noise = notice("no/such/method/" + "x" * 100) * 10_000
        process.stdin.write(noise + call(1, "ping"))
        process.stdin.flush()
        assert process.stdout.readline() == b'{"jsonrpc":"2.0","id":1,"result":{}}\n'
        process.stdin.write(noise + call(2, "ping"))
        process.stdin.close()
        assert process.stdout.readline() == b'{"jsonrpc":"2.0","id":2,"result":{}}\n'
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read(1 << 20)


def test_shutting_down(host):
    """The answer is the last line, and the host leaves though its input goes on."""
    host.start(conversationId="c")
    assert host.request("shutdown") == {}
    assert host.wait() == 0


def test_shutting_down_finishes_what_has_begun_and_takes_nothing_new(store, configured):
    with Host(store, config=configured(timeouts={"total": 0.3})) as demo:
        session = call("s", "conversation/start", {"conversationId": "c"})
        session += call("running", "conversation/send", {"conversationId": "c", "content": "hold"})
        session += call("down", "shutdown") + call("late", "conversation/start", {"conversationId": "d"})
        session += call("again", "shutdown")
        demo.send_raw(session)
        assert demo.wait() == 0
        assert kind_of(demo, "running") == "agentTimeout"
        assert kind_of(demo, "late") == kind_of(demo, "again") == "shuttingDown"
        assert contract.parse(demo.lines[-1]) == {"jsonrpc": "2.0", "id": "down", "result": {}}
    assert not demo.file("d").exists()
