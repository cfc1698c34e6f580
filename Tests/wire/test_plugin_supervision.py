"""A plugin that doesn't do as the protocol says: its own turns fail, nobody else's do, and the next turn is answered.

How it is ended when the host ends is in test_plugin_ends.py; how it fails to start in test_plugin_starts.py.
"""

import pytest
from host import PATIENCE
from messages import WireError
from plugin_kit import NEVER, WHEN_CANCELLED, do, is_unharmed, serve, stage, until  # noqa: F401
from processes import alive_in, descriptors_of, wait_until_reaped
from streams import finished


@pytest.fixture
def host(stage, serve):
    """With a plugin that has answered once, so that it starts anew without a pause."""
    host = serve(stage.plugin(), start="cd")
    host.request("agent/execute", {"prompt": "a"})
    return host


def error_of(host, id):
    with pytest.raises(WireError) as caught:
        host.expect(id)
    return caught.value


def ended(stage, host, count=1):
    """Waits until nothing is left of the count-th process, and the host has seen that."""
    group = stage.began(count)["group"]
    stage.wait(gone=stage.began(count)["pid"])
    wait_until_reaped(host)
    assert alive_in({group}) == []


FATAL = {
    "it leaves": ["stderr the reason", "exit 3"],
    "it leaves in peace": ["stderr the reason", "exit 0"],
    "a signal": ["stderr the reason", "kill 11"],
    "a line of a hundred megabytes": ["stderr the reason", "line 104857600", NEVER],
    "no message, twice": ["stderr the reason", "raw noise", "raw more noise", NEVER],
    "its stdout closed": ["stderr the reason", "close 1", NEVER],
}


@pytest.mark.parametrize("steps", FATAL.values(), ids=FATAL)
def test_what_ends_it_fails_its_own_turns(stage, host, steps):
    other = host.begin_send("d", do("delta Half a", "gate other", "reply Never."), stream=True)
    stage.at("other")
    failed = host.begin_send("c", do(*steps))
    for id in (failed, other):
        error = error_of(host, id)
        assert (error.kind, error.data["agentId"], error.data["retryable"]) == ("agentFailed", "steered", True)
        assert "the reason" in error.data["stderr"]
    assert finished(host, other).end["partial"] == "Half a"
    is_unharmed(host)
    ended(stage, host)
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
    assert stage.starts() == 2
    assert [turn["outcome"] for turn in host.history("d")["turns"]] == ["failed"]
    assert host.peak_memory() < 160 << 20


@pytest.mark.parametrize("status", [0, 3, 255])
def test_the_status_that_it_left_with_is_told(host, status):
    error = error_of(host, host.begin_send("c", do(f"exit {status}")))
    assert error.data["exitStatus"] == status and str(status) in error.message


def test_the_signal_that_killed_it_is_told(host):
    error = error_of(host, host.begin_send("c", do("kill 11")))
    assert error.data["signal"] == "SIGSEGV" and "SIGSEGV" in error.message


def test_the_end_of_its_stderr_is_told(host):
    error = error_of(host, host.begin_send("c", do("stderr the beginning", "flood 1048576", "stderr the end", "exit 1")))
    assert error.data["stderr"].rstrip().endswith("the end")
    assert "the beginning" not in error.data["stderr"] and len(error.data["stderr"]) < 1 << 16


def test_it_takes_its_children_with_it(stage, host):
    """They hold its pipes, and pass over SIGTERM."""
    id = host.begin_send("c", do("spawn", "gate spawned", "exit 3"))
    child = stage.began(mode="child")
    stage.open("spawned")
    assert error_of(host, id).data["exitStatus"] == 3
    stage.wait(gone=child["pid"])
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


def test_it_may_leave_when_it_has_answered(stage, host):
    assert host.send("c", do("reply a", "exit 0"))["reply"]["content"] == "a"
    ended(stage, host)
    assert host.send("c", "b")["reply"]["content"] == "Heard: b"
    assert stage.starts() == 2


def test_it_may_fail_many_times(stage, host):
    """And nothing of its former lives stays open."""
    host.send("c", "first")
    open_at_first = descriptors_of(host)
    for number in range(5):
        assert error_of(host, host.begin_send("c", do("exit 1"))).kind == "agentFailed"
        assert host.send("c", f"{number}")["reply"]["content"] == f"Heard: {number}"
    assert stage.starts() == 6
    wait_until_reaped(host)
    # Sooner than the minute is over that each of them had for its start.
    until(lambda: descriptors_of(host) <= open_at_first, f"{open_at_first} descriptors", PATIENCE / 3)


# What is passed over

NOISE = ["hello", "{", "{}", "[]", "5", '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","id":1}', '{"a":1,"a":2}', '"\\ud800"']


@pytest.mark.parametrize("noise", NOISE)
def test_one_line_that_is_no_message(stage, host, noise):
    """It is passed over, and the log says so."""
    before = host.stderr
    id = host.begin_send("c", do(f"raw {noise}", "gate on", "reply a"))
    assert "steered" in host.wait_in_log("steered")
    stage.open("on")
    assert host.expect(id)["reply"]["content"] == "a"
    assert host.stderr != before
    assert host.send("c", "b")["reply"]["content"] == "Heard: b"
    assert stage.starts() == 1
    assert error_of(host, host.begin_send("c", do(f"raw {noise}", NEVER))).kind == "agentFailed"
    ended(stage, host)


def test_one_line_that_is_no_text(stage, host):
    assert host.send("c", do("bytes fffe0a", "reply a"))["reply"]["content"] == "a"
    host.wait_in_log("steered")
    assert error_of(host, host.begin_send("c", do("bytes fffe0a", NEVER))).kind == "agentFailed"


def test_a_fresh_process_has_its_first_line_again(stage, host):
    assert host.send("c", do("raw noise", "reply a"))["reply"]["content"] == "a"
    error_of(host, host.begin_send("c", do("exit 1")))
    assert host.send("c", do("raw noise", "reply a"))["reply"]["content"] == "a"
    assert stage.starts() == 2


PIECE_OF_NOTHING = 'raw {"jsonrpc":"2.0","method":"agent/delta","params":{"executionId":"x","text":"y"}}'

UNASKED = {
    "an answer twice": ["reply a", "again", "again"],
    "another answer behind it": ["reply a", 'error {"code":-1,"message":"No."}'],
    "answers to nobody": [
        'raw {"jsonrpc":"2.0","id":987654,"result":{}}', 'raw {"jsonrpc":"2.0","id":0,"error":{"code":1,"message":"x"}}',
        'raw {"jsonrpc":"2.0","id":-1,"result":{}}', "reply a",
    ],
    "pieces of nothing": [*[PIECE_OF_NOTHING] * 3, "reply a"],
    "pieces behind the end": ["delta a", "reply a", "delta b", "delta c"],
    "notifications that nobody knows": ['raw {"jsonrpc":"2.0","method":"log","params":{"text":"y"}}'] * 3 + ["reply a"],
}  # fmt: skip


@pytest.mark.parametrize("steps", UNASKED.values(), ids=UNASKED)
def test_what_was_not_asked_for_is_dropped(stage, host, steps):
    for _ in range(3):
        stream = finished(host, host.begin_send("c", do(*steps), stream=True))
        assert (stream.text(), stream.end["message"]["content"]) == ("a", "a")
    assert host.send("c", "b")["reply"]["content"] == "Heard: b"
    assert stage.starts() == 1
    assert host.history("c")["total"] == 8


def test_what_it_asks_is_refused(stage, host):
    question = 'raw {"jsonrpc":"2.0","id":"q","method":"ask","params":{}}'
    assert host.send("c", do(question, "reply a"))["reply"]["content"] == "a"
    answer = stage.wait("received", count=4)["received"]
    assert (answer["id"], answer["error"]["code"]) == ("q", -32601)


def test_a_flood_of_what_was_not_asked_for(stage, host):
    """Fifty megabytes of pieces of a reply that is there already."""
    assert host.send("c", do("reply a", "deltas 50000 1000", "tell done"))["reply"]["content"] == "a"
    is_unharmed(host)
    stage.wait(said="done")
    assert host.send("c", "b")["reply"]["content"] == "Heard: b"
    assert stage.starts() == 1
    assert host.peak_memory() < 100 << 20


# One that hangs


@pytest.mark.parametrize("limit", ["total", "firstToken", "idle"])
def test_it_takes_too_long(stage, serve, limit):
    """It hears that nobody waits any more, and stays as it was for others."""
    host = serve(stage.plugin(timeouts={limit: 0.3}), agents={"patient": stage.plugin()}, start="cd")
    # The same process, so that it is there when the time begins.
    host.request("agent/execute", {"agentId": "patient", "prompt": "a"})
    steps = ["delta Half a"] if limit == "idle" else []
    error = error_of(host, host.begin_send("c", do(*steps, *WHEN_CANCELLED)))
    assert (error.kind, error.code, error.data["limit"], error.data["agentId"]) == ("agentTimeout", 1022, limit, "steered")
    assert error.data.get("partial") == ("Half a" if steps else None)
    asked = stage.request("agent/execute", count=2)
    assert stage.request("$/cancelRequest")["params"] == {"id": asked["id"]}
    with pytest.raises(WireError) as caught:
        host.request("agent/execute", {"prompt": do(*steps, *WHEN_CANCELLED)})
    assert (caught.value.kind, caught.value.data["limit"]) == ("agentTimeout", limit)
    assert host.request("agent/execute", {"agentId": "patient", "prompt": "b"})["response"] == "Heard: b"
    assert stage.starts() == 1


def test_a_turn_waits_for_its_place(stage, serve):
    host = serve(stage.plugin(concurrency=1), start="cd")
    host.begin_send("c", do("gate on", "reply a"))
    stage.at("on")
    second = host.begin_send("d", "b")
    stage.open("on")
    assert host.expect(second)["reply"]["content"] == "Heard: b"


def test_it_says_nothing_any_more(stage, host):
    """Ten seconds behind a cancelled request without a word: it is stuck, and all that it was asked fails."""
    other = host.begin_send("d", do(NEVER))
    cancelled = host.begin_send("c", do(NEVER))
    stage.request("agent/execute", count=3)
    host.notify("$/cancelRequest", {"id": cancelled})
    assert error_of(host, cancelled).kind == "cancelled"
    assert error_of(host, other).kind == "agentFailed"
    ended(stage, host)
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


def test_it_reads_nothing_any_more(stage, host):
    """Once 64 MiB wait for it, it is given up; other agents' turns go on all the while."""
    deaf = host.begin("agent/execute", {"prompt": do("deaf", "tell deaf", NEVER)})
    stage.wait(said="deaf")
    ids = [host.begin("agent/execute", {"prompt": "x" * (1 << 20)}) for _ in range(80)]
    for id in (deaf, ids[0]):
        assert error_of(host, id).kind == "agentFailed"
    is_unharmed(host)
    ended(stage, host)
    for id in ids[1:]:
        answer = host.answer(id)
        assert "result" in answer or answer["error"]["data"]["kind"] == "agentFailed"
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


def test_a_cancelled_turn_leaves_the_others(stage, host):
    other = host.begin_send("d", do("gate other", "reply b"))
    cancelled = host.begin_send("c", do(*WHEN_CANCELLED))
    stage.request("agent/execute", count=3)
    host.notify("$/cancelRequest", {"id": cancelled})
    assert error_of(host, cancelled).kind == "cancelled"
    stage.request("$/cancelRequest")
    stage.open("other")
    assert host.expect(other)["reply"]["content"] == "b"
    assert stage.starts() == 1


def test_a_place_is_free_again_when_a_turn_is_cancelled(stage, serve):
    """Though its plugin goes on with it for a while."""
    host = serve(stage.plugin(concurrency=1), start="cd")
    cancelled = host.begin_send("c", do("cancelled", "gate on", "reply late"))
    stage.request("agent/execute")
    host.notify("$/cancelRequest", {"id": cancelled})
    assert error_of(host, cancelled).kind == "cancelled"
    stage.open("on")
    assert host.send("d", "b")["reply"]["content"] == "Heard: b"
