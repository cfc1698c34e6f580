"""`--in-order`: answers come in the order of the requests, turns that take time included; what cancels never waits.

The scripted delays are real time here.
"""

import signal
import subprocess
import threading
import time

import contract
import fold
import pytest
from host import PATIENCE, Host, command, environment, run
from messages import call, line, notice

SLOW = [
    {"pattern": "hold*", "reply": "At last.", "delay": 3600},
    {"pattern": "slow*", "reply": "Heard: {prompt}", "delay": 0.05},
    {"pattern": "fail*", "failure": {"kind": "failed", "message": "No."}, "delay": 0.02},
    {"pattern": "*", "reply": "Heard: {prompt}"},
]


def send(id, content, conversation="c", **params):
    return call(id, "conversation/send", {"conversationId": conversation, "content": content, **params})


def start(id, conversation="c"):
    return call(id, "conversation/start", {"conversationId": conversation})


def wait_for_text(file, text):
    """Until the host has written it, which it tells nobody in this order."""
    deadline = time.monotonic() + PATIENCE
    while text not in file.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ids(lines):
    return [contract.parse(text)["id"] for text in lines]


def kinds(answers):
    return {answer["id"]: answer.get("error", {}).get("data", {}).get("kind") for answer in answers}


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_a_pipeline(store, configured, durability):
    """Conversations that would go side by side, agents slow and quick, forks, deletions: one after the other."""
    session = [start("s"), start("t", "d")]
    for number in range(4):
        session += [send(f"slow {number}", f"slow {number}"), send(f"quick {number}", "quick", "d")]
        session += [send(f"hasty {number}", "slow hasty", "d", wait=False), send(f"fail {number}", "fail", "d")]
        session += [call(f"h {number}", "conversation/history", {"conversationId": "c"})]
    session += [call("f", "conversation/fork", {"conversationId": "c", "newConversationId": "f"}), send("x", "x", "f")]
    session += [call("e", "conversation/export", {"conversationId": "f", "format": "jsonl"}), call("v", "store/verify")]
    session += [call("del", "conversation/delete", {"conversationId": "d"}), start("again", "d"), call("p", "ping")]
    session += [
        call("r", "turn/retry", {"conversationId": "c"}),
        call("l", "conversation/list"),
        b"nonsense\n",
        call("none", "none"),
    ]
    done = run(b"".join(session), store, "--in-order", "--durability", durability, config=configured(SLOW))
    assert done.status == 0
    asked = [contract.parse(text)["id"] if text != b"nonsense\n" else None for text in session]
    assert [answer["id"] for answer in done.lines] == asked
    answers = {answer["id"]: answer for answer in done.lines}
    refused = {id: kind for id, kind in kinds(done.lines).items() if kind}
    assert refused == {**{f"fail {n}": "agentFailed" for n in range(4)}, None: "parseError", "none": "methodNotFound"}
    for number in range(4):
        assert answers[f"slow {number}"]["result"]["reply"]["content"] == f"Heard: slow {number}"
        assert answers[f"h {number}"]["result"]["total"] == 2 * (number + 1)
    assert answers["f"]["result"]["conversation"]["messageCount"] == 8
    assert answers["l"]["result"]["conversations"][0]["messageCount"] == 0


def test_without_it_they_come_as_they_are_done(store, configured):
    """So that the test above can fail."""
    session = start("s") + start("t", "d") + send("slow", "slow") + send("quick", "quick", "d")
    done = run(session, store, config=configured(SLOW))
    order = [answer["id"] for answer in done.lines]
    assert order.index("quick") < order.index("slow")


def test_a_turn_that_nobody_waits_for_is_waited_for(store, configured):
    """The request after it sees its reply."""
    session = start("s") + send("m", "slow", wait=False) + call("h", "conversation/history", {"conversationId": "c"})
    done = run(session, store, "--in-order", config=configured(SLOW))
    assert "reply" not in done.lines[1]["result"]
    assert done.lines[2]["result"]["total"] == 2


def test_cancels_overtake(store, configured):
    """What runs, what has not begun, and what does not exist; a batch's members too."""
    with Host(store, "--in-order", config=configured(SLOW)) as host:
        host.start(conversationId="c")
        host.send_raw(send("running", "hold") + send("waiting", "hold 2"))
        host.send_raw(line([contract.parse(send("in batch", "hold 3")), contract.parse(call("ping in batch", "ping"))]))
        host.send_raw(send("last", "quick"))
        for id in ("waiting", "none", "in batch"):
            host.notify("$/cancelRequest", {"id": id})
        assert host.answer("waiting")["error"]["data"]["kind"] == "cancelled"
        assert not host.has_answered("running")
        wait_for_text(host.file("c"), b'"hold"')
        host.notify("$/cancelRequest", {"id": "running"})
        assert host.answer("running")["error"]["data"]["kind"] == "cancelled"
        batch = host.next()
        while isinstance(batch, dict):
            batch = host.next()
        assert kinds(batch) == {"in batch": "cancelled", "ping in batch": None}
        assert host.has_answered("last") or host.expect("last")["reply"]["content"] == "Heard: quick"
        assert [message["content"] for message in host.history("c")["messages"]] == ["hold", "quick", "Heard: quick"]


def test_a_turn_that_nobody_waits_for_is_cancelled(store, configured):
    """All that comes behind it waits for its end, but not the request for that."""
    with Host(store, "--in-order", config=configured(SLOW)) as host:
        host.start(conversationId="c")
        turn = host.send("c", "hold", wait=False)["turnId"]
        waiting = host.begin("conversation/history", {"conversationId": "c"})
        assert host.request("turn/cancel", {"conversationId": "c"}) == {"turnId": turn, "outcome": "cancelled"}
        assert [end["outcome"] for end in host.expect(waiting)["turns"]] == ["cancelled"]


@pytest.mark.parametrize("held", [False, True])
def test_twenty_thousand_at_once_and_a_cancel_behind_them(store, configured, held):
    """The cancel is for the first, which all the others wait for: it must be seen before they are done."""
    count = 20_000
    with Host(store, "--in-order", config=configured(SLOW)) as host:
        # Before that is answered the first has not begun, and its cancel would overtake the answer.
        host.send_raw(start("s"))
        host.expect("s")
        session = [send("first", "hold" if held else "slow"), *(call(n, "ping") for n in range(count))]
        session.append(notice("$/cancelRequest", {"id": "first"}))
        session.append(call("last", "conversation/history", {"conversationId": "c"}))

        def write():
            host.process.stdin.write(b"".join(session))
            host.process.stdin.flush()

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        assert host.answer("last")["result"]["total"] == 1 or not held
        writer.join(PATIENCE)
        assert ids(host.lines) == ["s", "first", *range(count), "last"]
        if held:
            assert kinds([contract.parse(host.lines[1])]) == {"first": "cancelled"}


# Leaving


def waiting_session(count=50):
    session = start("s") + send("running", "hold") + send("queued", "hold")
    return (
        session
        + b"".join(send(number, "quick") for number in range(count))
        + call("h", "conversation/history", {"conversationId": "c"})
    )


def check_left(host, lines):
    """Everything was answered, in order, and stored as it was answered."""
    assert ids(lines) == ["s", "running", "queued", *range(50), "h"]
    events = contract.check_file(host.file("c"))
    stored = {event["id"]: event for event in events if event["type"] == "message"}
    for answer in map(contract.parse, lines):
        for name in ("message", "reply"):
            if name in answer.get("result", {}):
                assert stored[answer["result"][name]["id"]] == answer["result"][name]
    assert fold.open_turn(events) is None


@pytest.mark.parametrize("seconds", ["0", "0.05"])
def test_the_end_of_the_input_with_a_bound(store, configured, seconds):
    with Host(store, "--in-order", "--drain-seconds", seconds, config=configured(SLOW)) as host:
        host.send_raw(waiting_session())
        host.answer("s")
        wait_for_text(host.file("c"), b'"hold"')
        host.close_input()
        assert host.wait() == 0
        check_left(host, host.lines)
        assert kinds(map(contract.parse, host.lines))["running"] == "cancelled"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal(store, configured, number):
    with Host(store, "--in-order", config=configured(SLOW)) as host:
        host.send_raw(waiting_session())
        host.expect("s")
        wait_for_text(host.file("c"), b'"hold"')
        # One that overtakes, so that all before it was read.
        host.send_raw(call("late", "ping"))
        host.notify("$/cancelRequest", {"id": "late"})
        assert host.answer("late")["error"]["data"]["kind"] == "cancelled"
        host.process.send_signal(number)
        assert host.wait() == 0
        check_left(host, [text for text in host.lines if contract.parse(text)["id"] != "late"])
        assert kinds(map(contract.parse, host.lines))["running"] == "cancelled"


def test_shutting_down(store, configured):
    """It waits for its turn like any request, and is answered last."""
    session = (
        start("s") + send("m", "slow") + send("n", "slow", wait=False) + call("down", "shutdown") + send("late", "x")
    )
    with Host(store, "--in-order", config=configured(SLOW)) as host:
        host.send_raw(session)
        assert host.wait() == 0
        assert kinds(map(contract.parse, host.lines)) == {
            "s": None,
            "m": None,
            "n": None,
            "late": "shuttingDown",
            "down": None,
        }
        assert ids(host.lines)[-1] == "down"
    types = [event["type"] for event in contract.check_file(store / "conversations" / "c.jsonl")]
    assert types == ["started"] + ["message", "message", "insight"] * 2


def test_shutting_down_in_a_batch(store, configured):
    batch = [start("s"), send("m", "slow"), call("down", "shutdown"), send("late", "x")]
    done = run(line([contract.parse(text) for text in batch]), store, "--in-order", config=configured(SLOW))
    assert done.status == 0
    assert kinds(done.lines[0]) == {"s": None, "m": None, "down": None, "late": "shuttingDown"}


@pytest.mark.parametrize("ends_input", [False, True])
def test_nobody_reads_any_more(store, configured, ends_input):
    """Its turns are cancelled, however much waits behind them; then, at the end of the input, it goes."""
    process = subprocess.Popen(
        command(store, "--in-order", config=configured(SLOW)),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(store.parent), cwd=store.parent,
    )  # fmt: skip
    with process:
        process.stdin.write(start("s"))
        process.stdin.flush()
        assert contract.parse(process.stdout.readline())["id"] == "s"
        process.stdout.close()
        process.stdin.write(call("p", "ping") + waiting_session(2_000).partition(b"\n")[2])
        process.stdin.flush()
        if not ends_input:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    assert fold.open_turn(contract.check_file(store / "conversations" / "c.jsonl")) is None


def test_another_process_runs_the_turn(store, configured):
    """What waits for another process is waited for too, and a cancel reaches it."""
    with (
        Host(store, config=configured(SLOW)) as other,
        Host(store, "--in-order", config=configured(SLOW)) as host,
    ):
        other.start(conversationId="c")
        other.send("c", "hold", wait=False)
        host.send_raw(send("m", "quick") + call("p", "ping") + send("n", "quick") + call("q", "ping"))
        host.notify("$/cancelRequest", {"id": "m"})
        assert host.answer("m")["error"]["data"]["kind"] == "cancelled"
        assert host.expect("p") == {}
        assert not host.has_answered("q")
        other.kill()
        assert host.expect("n")["reply"]["content"] == "Heard: quick"
        host.expect("q")
        assert ids(host.lines) == ["m", "p", "n", "q"]
