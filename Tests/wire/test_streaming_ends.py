"""However a turn ends, those who follow it are told once, with what there was of the reply; and so is whoever asks later:
the error, the history and the file say the same."""

import signal

import contract
import pytest
from messages import call, name
from plugin_kit import NEVER, WHEN_CANCELLED, do, serve, stage  # noqa: F401
from streams import Stream, finished

BEGUN = do("thought hm", "delta Hé", "delta l", *WHEN_CANCELLED)


@pytest.fixture
def host(stage, serve):
    return serve(stage.plugin())


def begun(host, prompt=BEGUN, text="Hél", **params):
    """A turn under way, of whose reply there is a beginning; gives the request's id and the turn's."""
    id = host.begin_send("c", prompt, stream=True, **params)
    return id, host.wait_for_text(text, id)["turnId"]


def check_end(host, stream, outcome, kind, partial):
    """The end is the same for all who are told of it."""
    assert (stream.outcome, stream.end.get("partial"), stream.text()) == (outcome, partial, partial or "")
    error = stream.answer["error"]
    assert (error["data"]["kind"], error["data"].get("partial")) == (kind, partial)
    assert (stream.end["error"]["code"], stream.end["error"]["message"]) == (error["code"], error["message"])
    shown = host.history("c")["turns"][-1]
    assert (shown["turnId"], shown["outcome"], shown.get("partial")) == (stream.turn, outcome, partial)
    check_file(host, stream.turn, outcome, partial)


def check_file(host, turn, outcome, partial):
    events = contract.check_file(host.file("c"))
    (ended,) = [event for event in events if event["type"] == "turnEnded" and event["turnId"] == turn]
    assert (ended["outcome"], ended.get("partial")) == (outcome, partial)


# Cancelled

WAYS = {
    "turn/cancel": lambda host, id, turn: host.begin("turn/cancel", {"conversationId": "c", "turnId": turn}),
    "$/cancelRequest": lambda host, id, turn: host.notify("$/cancelRequest", {"id": id}),
    "conversation/end": lambda host, id, turn: host.begin("conversation/end", {"conversationId": "c"}),
    "interrupted": lambda host, id, turn: host.begin_send("c", "urgent", whenBusy="interrupt"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_cancelled_turn_keeps_what_there_was(stage, host, way):
    id, turn = begun(host)
    other = WAYS[way](host, id, turn)
    stream = finished(host, id)
    if other is not None:
        host.expect(other)
    check_end(host, stream, "cancelled", "cancelled", "Hél")
    asked = stage.requests("agent/execute")[0]
    assert stage.request("$/cancelRequest")["params"] == {"id": asked["id"]}


def test_the_plugins_last_words_are_not_waited_for(stage, host):
    """It is cancelled when the client says so, however long the plugin takes to hear of it."""
    id, turn = begun(host, do("delta Hel", "gate middle", "delta lo", "reply Hello"), text="Hel")
    assert host.request("turn/cancel", {"conversationId": "c"}) == {"turnId": turn, "outcome": "cancelled"}
    check_end(host, finished(host, id), "cancelled", "cancelled", "Hel")
    stage.open("middle")
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
    assert [message["content"] for message in host.history("c")["messages"]][-2:] == ["a", "Heard: a"]
    assert len(Stream(host.told(id)).pieces) == 1


def test_thoughts_are_no_part_of_the_reply(host):
    id = host.begin_send("c", do("thought hm", "tool search", *WHEN_CANCELLED), stream=True)
    host.wait_for_text("hm", id, kind="thought")
    host.wait_for_text("search", id, kind="tool")
    host.notify("$/cancelRequest", {"id": id})
    check_end(host, finished(host, id), "cancelled", "cancelled", None)


def test_a_turn_that_is_cancelled_while_it_waits(stage, host):
    first = host.begin_send("c", do("gate first", "reply one"))
    stage.at("first")
    id = host.begin_send("c", "two", stream=True)
    turn = host.wait_for("turn/started", id)["turnId"]
    host.request("turn/cancel", {"conversationId": "c", "turnId": turn})
    stream = finished(host, id)
    assert (stream.states, stream.outcome, stream.text()) == (["queued"], "cancelled", "")
    assert "partial" not in stream.end
    stage.open("first")
    host.expect(first)
    assert [message["content"] for message in host.history("c")["messages"]][1:] == ["one"]


def test_a_turn_that_is_cancelled_before_the_one_ahead_is_stored(host):
    """Its end isn't told before its beginning, though that came while a message was on its way to the disk."""
    for number in range(100):
        first, second = f"first {number}", f"second {number}"
        session = call(first, "conversation/send", {"conversationId": "c", "content": "one", "execute": bool(number % 2)})
        session += call(f"between {number}", "conversation/send", {"conversationId": "c", "content": do("reply two")})
        host.send_raw(session + call(second, "conversation/send", {"conversationId": "c", "content": "three", "stream": True}))
        host.notify("$/cancelRequest", {"id": second})
        assert finished(host, second).outcome in ("cancelled", "completed")
        host.expect(f"between {number}")


def test_all_who_follow_a_turn_are_told(stage, host):
    id, turn = begun(host, idempotencyKey="k")
    joined = host.begin_send("c", BEGUN, idempotencyKey="k", stream=True)
    host.wait_for_text("Hél", joined)
    host.request("turn/cancel", {"conversationId": "c"})
    for each in (id, joined):
        check_end(host, finished(host, each), "cancelled", "cancelled", "Hél")


def test_one_who_followed_and_left(stage, host):
    """$/cancelRequest ends the turn of a request, so the other one that waits for it is told as well."""
    id, turn = begun(host, idempotencyKey="k")
    joined = host.begin_send("c", BEGUN, idempotencyKey="k", stream=True)
    host.wait_for_text("Hél", joined)
    host.notify("$/cancelRequest", {"id": joined})
    assert finished(host, joined).outcome == "cancelled"
    host.begin("turn/cancel", {"conversationId": "c"})
    assert finished(host, id).outcome == "cancelled"
    check_file(host, turn, "cancelled", "Hél")


def test_a_turn_without_waiting(host):
    id, turn = begun(host, wait=False)
    host.request("turn/cancel", {"conversationId": "c"})
    host.wait_for("turn/ended", id)
    stream = Stream(host.told(id), waits=False)
    assert (stream.outcome, stream.end["partial"], stream.end["error"]["data"]["kind"]) == ("cancelled", "Hél", "cancelled")
    check_file(host, turn, "cancelled", "Hél")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal(host, number):
    id, turn = begun(host)
    host.process.send_signal(number)
    assert host.wait() == 0
    stream = Stream(host.told(id))
    assert (stream.outcome, stream.end["partial"]) == ("cancelled", "Hél")
    assert stream.answer["error"]["data"]["partial"] == "Hél"
    check_file(host, turn, "cancelled", "Hél")


def test_an_execution_that_is_cancelled(stage, host):
    id = host.begin("agent/execute", {"prompt": BEGUN, "stream": True})
    host.wait_for_text("Hél", id)
    host.notify("$/cancelRequest", {"id": id})
    error = host.answer(id)["error"]
    assert (error["data"]["kind"], error["data"]["partial"]) == ("cancelled", "Hél")
    assert {what for what, _ in host.told(id)[:-1]} == {"agent/delta"} and host.told(id)[-1][0] == "answer"
    stage.request("$/cancelRequest")


# Failed

FAILURES = {
    "an error": (['error {"code":-1,"message":"No."}'], {}, "agentFailed"),
    "nobody there": (['error {"code":-1,"message":"No.","data":{"kind":"unavailable"}}'], {}, "agentUnavailable"),
    "a crash": (["kill 9"], {}, "agentFailed"),
    "too long a pause": ([NEVER], {"timeouts": {"idle": 1}}, "agentTimeout"),
}


@pytest.mark.parametrize(("steps", "members", "kind"), FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("beginning", [("delta Hé", "thought hm", "delta l"), ("thought hm",)])
def test_a_failure_behind_the_first_pieces(stage, serve, steps, members, kind, beginning):
    host = serve(stage.plugin(**members))
    id = host.begin_send("c", do(*beginning, *steps), stream=True)
    stream = finished(host, id)
    check_end(host, stream, "failed", kind, "Hél" if len(beginning) > 1 else None)
    assert stream.text("thought") == "hm"


def test_a_failure_before_any(host):
    stream = finished(host, host.begin_send("c", do('error {"code":-1,"message":"No."}'), stream=True))
    assert (stream.states, stream.pieces) == (["running"], [])
    check_end(host, stream, "failed", "agentFailed", None)


def test_a_retry_that_fails(stage, host):
    host.send("c", do("gate how", "reply one"), wait=False)
    stage.open("how")
    id = host.begin("turn/retry", {"conversationId": "c", "stream": True})
    stage.open("how", "delta on", 'error {"code":-1,"message":"No."}')
    check_end(host, finished(host, id), "failed", "agentFailed", "on")


def test_an_agent_that_is_not_there(host):
    """No turn begins, so there is nothing to follow."""
    answer = host.answer(host.begin("turn/retry", {"conversationId": "c", "agentId": "nobody", "stream": True}))
    assert answer["error"]["data"]["kind"] in ("agentNotFound", "messageNotFound")
    assert host.notifications == []


def test_an_execution_that_fails(host):
    id = host.begin("agent/execute", {"prompt": do("delta Hé", 'error {"code":-1,"message":"No."}'), "stream": True})
    error = host.answer(id)["error"]
    assert (error["data"]["kind"], error["data"]["partial"]) == ("agentFailed", "Hé")
    assert [what for what, _ in host.told(id)] == ["agent/delta", "answer"]


# Two processes


def test_a_turn_that_waits_for_another_process(stage, serve):
    one = serve(stage.plugin())
    other = serve(stage.plugin(), start=())
    running = one.begin_send("c", do("gate first", "reply one"))
    stage.at("first")
    id = other.begin_send("c", "two", stream=True)
    assert other.wait_for("turn/started", id)["state"] == "queued"
    stage.open("first")
    assert one.expect(running)["reply"]["content"] == "one"
    stream = finished(other, id)
    assert (stream.states, stream.text()) == (["queued", "running"], "Heard: two")


def test_a_partial_is_kept_with_the_conversation(stage, serve):
    """Another host, later, shows it."""
    host = serve(stage.plugin())
    id, turn = begun(host)
    host.request("turn/cancel", {"conversationId": "c"})
    finished(host, id)
    host.stop()
    later = serve(stage.plugin(), start=())
    (shown,) = later.history("c")["turns"]
    assert (shown["turnId"], shown["partial"]) == (turn, "Hél")


def test_many_turns_with_one_end_each(stage, host):
    """Cancelled at every moment of a turn, told in one go: each has one end, the answer behind it."""
    session = b""
    for number in range(60):
        id = f"t{number}"
        prompt = do("delta a", "delta b", *(WHEN_CANCELLED if number % 3 else ("reply ab",)))
        session += call(id, "conversation/send", {"conversationId": "c", "content": prompt, "stream": True})
        session += b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%s}}\n' % name(id).encode()
    host.send_raw(session)
    for number in range(60):
        assert finished(host, f"t{number}").outcome in ("cancelled", "completed")
    assert host.request("ping") == {}
