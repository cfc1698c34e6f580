"""Calls that wait, go on aside and are cancelled: each is answered once, and nothing waits behind what has gone."""

import json
import time

import pytest
from host import Host
from messages import WireError, call, notice


@pytest.fixture
def big(store):
    """A conversation of 30 MB that no host has open."""
    with Host(store) as host:
        host.start(conversationId="big")
    path = store / "conversations" / "big.jsonl"
    with path.open("a") as file:
        for seq in range(1, 3001):
            event = {"seq": seq, "type": "message", "id": f"m{seq}", "role": "user"}
            event |= {"timestamp": "2026-01-01T00:00:00.000Z", "content": "x" * 10_000, "metadata": {}}
            file.write(json.dumps(event, separators=(",", ":")) + "\n")
    return "big"


@pytest.mark.parametrize("pause", [0, 0.05, 0.2])
def test_a_fork_that_is_cancelled_at_any_moment(store, big, pause):
    with Host(store) as host:
        host.send_raw(call("f", "conversation/fork", {"conversationId": big, "newConversationId": "fork"}))
        time.sleep(pause)  # only where in the work the cancel comes differs: the outcome is judged, not the time
        host.send_raw(notice("$/cancelRequest", {"id": "f"}))
        answer = host.answer("f")
        assert "result" in answer or answer["error"]["data"]["kind"] == "cancelled"
        assert host.request("ping") == {}
        later = host.begin("conversation/get", {"conversationId": "fork"})
        try:
            assert host.expect(later)["conversation"]["messageCount"] == 3000
        except WireError as error:
            assert error.kind == "conversationNotFound" and "error" in answer
    assert host.notifications == [] and not [text for text in host.lines if b'"id":"f",' in text][1:]


def test_a_fork_onto_its_own_id(host):
    """Of nothing, and of something: it must not wait for itself."""
    for wanted in ("conversationNotFound", "conversationExists"):
        with pytest.raises(WireError) as caught:
            host.request("conversation/fork", {"conversationId": "c", "newConversationId": "c"})
        assert caught.value.kind == wanted
        host.start(conversationId="c", ifExists="open")


def test_a_cancel_waits_for_its_turn_to_begin_behind_an_import(demo, tmp_path):
    """Without --in-order requests take effect as they come, cancels of turns too."""
    events = {"messages": [{"role": "user", "content": "x" * 1000}] * 5000}
    (tmp_path / "long.json").write_text(json.dumps(events))
    demo.start(conversationId="c")
    demo.send_raw(
        call("i", "conversation/import", {"path": str(tmp_path / "long.json")})
        + call("s", "conversation/send", {"conversationId": "c", "content": "hold"})
        + call("t", "turn/cancel", {"conversationId": "c"})
    )
    assert demo.expect("i")["imported"]["messages"] == 5000
    assert demo.expect("t")["outcome"] == "cancelled"
    assert demo.answer("s")["error"]["data"]["kind"] == "cancelled"


def test_answers_that_nobody_reads_do_not_pile_up_behind_what_waits(store, configured, big):
    """With --in-order too: 60 answers of 30 MB would be two gigabytes."""
    with Host(store, "--in-order", config=configured(), reading=False) as host:
        wanted = {"conversationId": big, "messages": True}
        host.pour(b"".join(call(number, "conversation/get", wanted) for number in range(60)) + call("p", "ping"))
        deadline = time.monotonic() + 20
        while host.peak_memory() < 100 << 20 and time.monotonic() < deadline:
            time.sleep(0.05)  # until it has begun to answer
        host.read()
        assert host.expect("p") == {}
        assert host.peak_memory() < 500 << 20
