"""One turn at a time in a conversation: who waits, who is refused, who is cancelled, and what is kept of it.

The agent `demo` never answers what begins with "hold", so such a turn runs until something ends it. A send with
`wait: false` is answered when its turn has begun, which is how a test knows that it has.
"""

import contract
import pytest
from host import Host, run
from messages import WireError, call


def error_of(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value


def cancel(host, id, **params):
    return host.request("turn/cancel", {"conversationId": id, **params})


def hold(host, id="c"):
    """Starts a conversation with a turn that runs until it is cancelled; gives what the send answered."""
    host.start(conversationId=id)
    return host.send(id, "hold", wait=False)


def turns(host, id="c"):
    return [(turn["turnId"], turn["state"]) for turn in host.get(id).get("turns", [])]


def talk(host, id="c"):
    return [(message["role"][0], message["content"]) for message in host.history(id, limit=1000)["messages"]]


def ends(host, id="c"):
    """The turns that the file says ended without a reply."""
    events = contract.check_file(host.file(id))
    return [(event["turnId"], event["outcome"]) for event in events if event["type"] == "turnEnded"]


@pytest.mark.parametrize(("scripted", "reply"), [(False, "You said: a"), (True, "Heard: a")])
def test_a_session_piped_in_sees_its_replies(store, configured, scripted, reply):
    """Agents that answer at once have answered before the next line is looked at."""
    session = call(1, "conversation/start", {"conversationId": "c"})
    session += call(2, "conversation/send", {"conversationId": "c", "content": "a"})
    session += call(3, "conversation/history", {"conversationId": "c"})
    done = run(session, store, config=configured() if scripted else None)
    assert [message["content"] for message in done.lines[2]["result"]["messages"]] == ["a", reply]


def test_a_running_turn_can_be_seen(demo):
    sent = hold(demo)
    assert "reply" not in sent
    assert turns(demo) == [(sent["turnId"], "running")]
    assert demo.request("conversation/list")["conversations"][0]["turns"][0]["turnId"] == sent["turnId"]
    assert talk(demo) == [("u", "hold")]


def test_without_waiting_the_answer_has_no_reply_but_the_history_will(demo):
    demo.start(conversationId="c")
    sent = demo.send("c", "a", wait=False)
    assert "reply" not in sent and sent["message"]["turnId"] == sent["turnId"]
    assert talk(demo) == [("u", "a"), ("a", "Heard: a")]


def test_a_cancelled_turn(demo):
    """Its send gets an error with everything to go on from; the question stays, and the end is an event."""
    demo.start(conversationId="c")
    waiting = demo.begin_send("c", "hold")
    (running,) = demo.get("c")["turns"]
    assert cancel(demo, "c") == {"turnId": running["turnId"], "outcome": "cancelled"}
    error = error_of(demo.expect, waiting)
    assert (error.code, error.kind) == (-32800, "cancelled")
    page = demo.history("c")
    (message,) = page["messages"]
    assert (error.data["turnId"], error.data["messageId"]) == (running["turnId"], message["id"])
    (ended,) = page["turns"]
    assert (ended["turnId"], ended["messageId"], ended["outcome"]) == (running["turnId"], message["id"], "cancelled")
    assert ends(demo) == [(running["turnId"], "cancelled")]
    assert error.data["seq"] == demo.get("c")["seq"]
    assert turns(demo) == []
    assert demo.send("c", "a")["reply"]["content"] == "Heard: a"


def test_cancelling_what_does_not_run(demo):
    demo.start(conversationId="c")
    done = demo.send("c", "a")["turnId"]
    for params in ({}, {"turnId": done}, {"turnId": "turn_none"}):
        error = error_of(cancel, demo, "c", **params)
        assert (error.code, error.kind, error.data["conversationId"]) == (1015, "turnNotFound", "c")


def test_turns_wait_in_order_and_are_stored_when_they_begin(demo):
    first = hold(demo)["turnId"]
    waiting = [demo.begin_send("c", text) for text in "xyz"]
    assert [state for _, state in turns(demo)] == ["running", "queued", "queued", "queued"]
    assert talk(demo) == [("u", "hold")]
    assert not any(demo.has_answered(id) for id in waiting)
    cancel(demo, "c", turnId=first)
    assert [demo.expect(id)["reply"]["content"] for id in waiting] == ["Heard: x", "Heard: y", "Heard: z"]
    expected = [("u", "hold")] + [pair for text in "xyz" for pair in (("u", text), ("a", f"Heard: {text}"))]
    assert talk(demo) == expected


def test_a_queued_turn_that_is_cancelled_leaves_the_others(demo):
    first = hold(demo)["turnId"]
    waiting = [demo.begin_send("c", text) for text in "xyz"]
    queued = [turn for turn, state in turns(demo) if state == "queued"]
    assert cancel(demo, "c", turnId=queued[1]) == {"turnId": queued[1], "outcome": "cancelled"}
    assert error_of(demo.expect, waiting[1]).kind == "cancelled"
    assert [turn for turn, _ in turns(demo)] == [first, queued[0], queued[2]]
    cancel(demo, "c")
    assert [demo.expect(waiting[number])["reply"]["content"] for number in (0, 2)] == ["Heard: x", "Heard: z"]
    assert ("a", "Heard: y") not in talk(demo)


def test_a_busy_conversation_can_refuse(demo):
    running = hold(demo)["turnId"]
    error = error_of(demo.send, "c", "a", whenBusy="reject")
    assert (error.code, error.kind, error.data["conversationId"]) == (1013, "turnInProgress", "c")
    assert talk(demo) == [("u", "hold")]
    assert turns(demo) == [(running, "running")]


def test_interrupting_cancels_the_running_turn_and_keeps_the_queue(demo):
    demo.start(conversationId="c")
    first = demo.begin_send("c", "hold")
    second = demo.begin_send("c", "x")
    assert demo.send("c", "urgent", whenBusy="interrupt")["reply"]["content"] == "Heard: urgent"
    assert error_of(demo.expect, first).kind == "cancelled"
    assert demo.expect(second)["reply"]["content"] == "Heard: x"
    assert [text for role, text in talk(demo) if role == "u"] == ["hold", "urgent", "x"]
    assert [outcome for _, outcome in ends(demo)] == ["cancelled"]


def test_a_note_needs_no_turn_and_waits_for_none(demo):
    hold(demo)
    for params in ({"execute": False}, {"role": "system"}):
        assert "turnId" not in demo.send("c", "note", **params)
    assert len(turns(demo)) == 1


def test_conversations_do_not_wait_for_each_other(demo):
    hold(demo)
    demo.start(conversationId="d")
    assert demo.send("d", "a")["reply"]["content"] == "Heard: a"
    assert demo.history("c")["total"] == 1


def test_an_agent_has_so_many_turns_at_once_and_no_more(store, configured):
    with Host(store, config=configured(concurrency=1)) as demo:
        hold(demo)
        demo.start(conversationId="d")
        waiting = demo.begin_send("d", "a")
        assert demo.request("ping") == {}
        assert not demo.has_answered(waiting)
        cancel(demo, "c")
        assert demo.expect(waiting)["reply"]["content"] == "Heard: a"


def test_a_thousand_turns_wait_and_the_next_is_refused(demo):
    """And all of them are told when the conversation ends."""
    hold(demo)
    params = {"conversationId": "c", "content": "x"}
    demo.send_raw(b"".join(call(f"q{number}", "conversation/send", params) for number in range(1001)))
    error = error_of(demo.expect, "q1000")
    assert (error.code, error.kind, error.data["limit"]) == (1001, "overloaded", "queuedTurns")
    assert len(turns(demo)) == 1001
    demo.request("conversation/end", {"conversationId": "c"})
    kinds = {error_of(demo.expect, f"q{number}").kind for number in range(1000)}
    assert kinds == {"cancelled"}
    assert not any(role == "a" for role, _ in talk(demo))
    assert turns(demo) == []


@pytest.mark.parametrize("method, params", [("conversation/end", {}), ("conversation/update", {"archived": True})])
def test_ending_or_putting_away_cancels_first(demo, method, params):
    demo.start(conversationId="c")
    waiting = demo.begin_send("c", "hold")
    demo.request(method, {"conversationId": "c", **params})
    assert error_of(demo.expect, waiting).kind == "cancelled"
    types = [event["type"] for event in contract.check_file(demo.file("c"))]
    assert types[:3] == ["started", "message", "turnEnded"]
    assert types[-1] == ("ended" if method.endswith("end") else "updated")
