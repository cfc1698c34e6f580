"""What is written down of what was found out: when, what of it, and what becomes of it in forks and imports."""

import json

import contract
import fold
import insight
import pytest
from host import Host
from messages import WireError

RULES = [
    {"pattern": "hold*", "reply": "At last.", "delay": 3600},
    {"pattern": "fail*", "failure": {"kind": "failed", "message": "The script says so."}},
    {"pattern": "slow*", "failure": {"kind": "timeout", "message": "It took too long."}},
    {"pattern": "up*", "reply": "I will TRANSFER you."},
    {"pattern": "later*", "reply": "We call back, or follow up."},
    {"pattern": "tools*", "reply": "Done.", "tools_used": ["search", "mail", "search"]},
    {"pattern": "more tools*", "reply": "Done.", "tools_used": ["mail", "bank"]},
    {"pattern": "many tools*", "reply": "Done.", "tools_used": [f"tool{number}" for number in range(150)]},
    {"pattern": "other tools*", "reply": "Done.", "tools_used": [f"tool{number}" for number in range(100, 260)]},
    {"pattern": "*", "reply": "Heard: {prompt}"},
]
SAID = [
    "I am angry about the API", "premium, please", "fail", "It is $50 a month", "up", "cheaper, or $50", "awful manager",
    "what is the price of the enterprise plan?", "later", "great", "thanks, perfect", "tools", "bye",
]  # fmt: skip


@pytest.fixture
def desk(store, configured):
    with Host(store, config=configured(RULES)) as host:
        yield host
        if host.process.returncode is None:
            host.stop()


@pytest.fixture
def again(store, configured):
    """Another host on the store."""
    return lambda: Host(store, config=configured(RULES))


def send(host, content, id="c", **params):
    """A send, whether its turn fails or not."""
    try:
        return host.send(id, content, **params)
    except WireError as error:
        assert error.kind in ("agentFailed", "agentTimeout", "cancelled")
        return None


def events(host, id="c"):
    """Those of the file, when each of its insight events is found to be right."""
    read = contract.check_file(host.file(id))
    insight.check_events(read)
    return read


def types(host, id="c"):
    return [event["type"] for event in events(host, id)]


def last(host, id="c"):
    event = events(host, id)[-1]
    assert event["type"] == "insight"
    return event


def notes(host, count, id="c"):
    """So many messages without a turn, in one go."""
    for asked in [host.begin_send(id, f"note {number}", execute=False) for number in range(count)]:
        host.expect(asked)


# When


def test_right_behind_each_turns_end(desk):
    desk.start(conversationId="c")
    for said in SAID:
        send(desk, said)
        assert types(desk)[-2:] in (["message", "insight"], ["turnEnded", "insight"])
    assert types(desk).count("insight") == len(SAID)
    kept = desk.get("c")["context"]
    for name, value in insight.found(fold.history(events(desk))).items():
        assert kept[name] == value


def test_with_a_turn_that_fails_or_is_cancelled(desk):
    desk.start(conversationId="c")
    send(desk, "fail: awful")
    assert types(desk) == ["started", "message", "turnEnded", "insight"]
    send(desk, "slow: awful")
    asked = desk.begin_send("c", "hold: great", wait=False)
    desk.expect(asked)
    desk.request("turn/cancel", {"conversationId": "c"})
    assert types(desk)[4:] == ["message", "turnEnded", "insight", "message", "turnEnded", "insight"]
    assert last(desk)["context"]["user_sentiment"] == {"sentiment": "negative", "confidence": 1 / 3}


def test_with_one_that_another_replaces(desk):
    desk.start(conversationId="c")
    desk.send("c", "hold: awful", wait=False)
    desk.send("c", "great", whenBusy="interrupt")
    tail = ["message", "turnEnded", "insight", "message", "message", "insight"]
    assert types(desk)[1:] == tail


def test_with_one_that_is_retried(desk):
    desk.start(conversationId="c")
    desk.send("c", "up")
    desk.request("turn/retry", {"conversationId": "c"})
    assert types(desk)[4:] == ["superseded", "turnStarted", "message", "insight"]


def test_with_one_whose_process_dies(desk, again):
    """Its end is recorded by whoever comes across it, which is a turn's end like any other."""
    desk.start(conversationId="c")
    desk.send("c", "hold: awful $5", wait=False)
    desk.kill()
    with again() as host:
        host.send("c", "great")
        assert types(host)[1:] == ["message", "turnEnded", "insight", "message", "message", "insight"]
        insight.check(host, "c")


def test_nobody_writes_of_messages_without_a_turn_until_there_are_256(desk):
    desk.start(conversationId="c")
    notes(desk, 255)
    assert "insight" not in types(desk)
    notes(desk, 1)
    assert types(desk)[-2:] == ["message", "insight"] and last(desk)["checkpoint"]["messages"] == 256
    notes(desk, 255)
    assert types(desk).count("insight") == 1
    notes(desk, 2)
    assert types(desk)[-3:] == ["message", "insight", "message"]
    desk.send("c", "a turn")
    assert types(desk)[-3:] == ["message", "message", "insight"] and last(desk)["checkpoint"]["messages"] == 515


def test_they_are_counted_across_hosts(desk, again):
    desk.start(conversationId="c")
    notes(desk, 100)
    with again() as other:
        other.send("c", "a turn in between")
        notes(other, 155)
    notes(desk, 100)
    assert types(desk).count("insight") == 1
    notes(desk, 1)
    assert types(desk)[-1] == "insight" and types(desk).count("insight") == 2


def test_with_a_message_that_replaces_another_without_a_turn(desk):
    desk.start(conversationId="c")
    first = desk.send("c", "awful, $5", execute=False)["message"]["id"]
    assert types(desk) == ["started", "message"]
    desk.send("c", "great, $7", execute=False, replaces=first)
    assert types(desk) == ["started", "message", "superseded", "message", "insight"]
    assert [told["amount"] for told in last(desk)["context"]["budget_indicators"]] == [7]
    assert desk.get("c")["context"]["user_sentiment"]["sentiment"] == "positive"


# What


def test_the_checkpoint(desk):
    desk.start(conversationId="c")
    for said in SAID:
        send(desk, said)
        event = last(desk)
        assert event["checkpoint"]["throughSeq"] == event["seq"] - 1
    kept = dict(event["checkpoint"])
    assert isinstance(kept.pop("wordsHash"), str)
    history = fold.history(events(desk))
    assert kept == {"throughSeq": event["seq"] - 1, **insight.checkpoint(history)}
    assert kept["messages"] == len(history) == 2 * len(SAID) - 1
    assert (kept["saysEscalation"], kept["needsFollowup"], len(kept["budgetSeqs"])) == (True, True, 2)


def test_some_members_are_told_only_where_they_changed(desk):
    def told(said):
        send(desk, said)
        return set(last(desk)["context"]) - set(insight.ALWAYS)

    desk.start(conversationId="c")
    assert told("hello") == set()
    assert told("$5k") == {"budget_indicators"}
    assert told("hello") == set()
    assert told("up") == {"needs_escalation"}
    assert told("hello") == set()
    assert told("up") == {"needs_escalation"}, "it is called for anew, whoever has dealt with it before"
    assert told("later, we have $5k") == {"needs_followup", "budget_indicators"}
    assert told("fail") == set()


def context(host, id="c"):
    return host.get(id)["context"]


def test_a_reply_calls_for_somebody_until_it_was_dealt_with(desk, again):
    desk.start(conversationId="c")
    send(desk, "please transfer me, fail not")
    assert context(desk)["needs_escalation"] is True, "the reply repeats it"
    desk.request("conversation/update", {"conversationId": "c", "context": {"needs_escalation": False}})
    send(desk, "thanks")
    assert context(desk)["needs_escalation"] is False
    with again() as host:
        send(host, "thanks again")
        assert context(host)["needs_escalation"] is False


def test_it_is_called_for_anew(desk):
    desk.start(conversationId="c")
    for said in ("up", "later"):
        send(desk, said)
    desk.request("conversation/update", {"conversationId": "c", "context": {"needs_escalation": False}})
    send(desk, "hello")
    assert (context(desk)["needs_escalation"], context(desk)["needs_followup"]) == (False, True)
    send(desk, "up")
    assert context(desk)["needs_escalation"] is True


@pytest.mark.parametrize("how", ["hello", "retry", "edit", "note", "restart", "fork", "other words"])
def test_what_was_dealt_with_stays_so_however_it_is_counted(desk, store, configured, tmp_path, how):
    """The reply that called for it was stored by hand, so that no event with a checkpoint stands right behind it."""
    id, host = "c", desk
    desk.start(conversationId="c", agentId="demo")
    desk.send("c", "I will transfer you", role="assistant")
    asked = send(desk, "hello")["message"]["id"]
    assert context(desk)["needs_escalation"] is True
    desk.request("conversation/update", {"conversationId": "c", "context": {"needs_escalation": False}})
    if how == "retry":
        desk.request("turn/retry", {"conversationId": "c"})
    elif how == "edit":
        send(desk, "hello again", replaces=asked)
    elif how == "note":
        desk.send("c", "hello again", replaces=asked, execute=False)
    elif how == "fork":
        id = "d"
        desk.request("conversation/fork", {"conversationId": "c", "newConversationId": "d"})
    elif how in ("restart", "other words"):
        (tmp_path / "words.json").write_text(json.dumps({"products": ["x"]} if how == "other words" else {}))
        host = Host(store, config=configured(RULES, more={"insight": {"words": "words.json"}}))
    if how != "note":
        send(host, "hello", id)
    if host is not desk:
        host.__exit__(None, None, None)
    assert context(desk, id)["needs_escalation"] is False


def test_only_replies_call_for_it(desk):
    desk.start(conversationId="c")
    send(desk, "fail: transfer me, escalate, call back")
    desk.send("c", "transfer, call back", role="system")
    send(desk, "hello")
    assert not context(desk).get("needs_escalation") and not context(desk).get("needs_followup")


def test_without_that_reply_nobody_is_called_for(desk):
    desk.start(conversationId="c", agentId="demo")
    first = send(desk, "up")["message"]["id"]
    send(desk, "hello")
    assert context(desk)["needs_escalation"] is True
    send(desk, "later", replaces=first)
    assert (context(desk)["needs_escalation"], context(desk)["needs_followup"]) == (False, True)
    desk.request("turn/retry", {"conversationId": "c", "agentId": "echo"})
    assert context(desk)["needs_followup"] is False
    assert events(desk)[-1]["context"]["needs_followup"] is False


def test_it_stays_while_another_such_reply_is_there(desk):
    desk.start(conversationId="c")
    send(desk, "up")
    second = send(desk, "up again")["message"]["id"]
    send(desk, "hello", replaces=second)
    assert context(desk)["needs_escalation"] is True


def test_budget_indicators_leave_with_their_messages(desk):
    desk.start(conversationId="c")
    first = send(desk, "$5")["message"]["id"]
    assert [told["message_id"] for told in context(desk)["budget_indicators"]] == [first]
    send(desk, "nothing", replaces=first)
    assert context(desk)["budget_indicators"] == []
    assert last(desk)["context"]["budget_indicators"] == []


# Tools


def test_tools_are_told_once_each(desk, again):
    desk.start(conversationId="c")
    assert not context(desk).get("tools_used")
    for said in ("tools", "hello", "more tools", "tools"):
        send(desk, said)
    assert context(desk)["tools_used"] == ["search", "mail", "bank"]
    assert not any("tools_used" in event.get("context", {}) for event in events(desk))
    with again() as host:
        assert context(host)["tools_used"] == ["search", "mail", "bank"]
        assert host.request("conversation/export", {"conversationId": "c"})["conversation"]["context"] == context(host)


def test_at_most_two_hundred_tools(desk, again):
    desk.start(conversationId="c")
    send(desk, "many tools")
    send(desk, "other tools")
    expected = [f"tool{number}" for number in range(200)]
    assert context(desk)["tools_used"] == expected == insight.tools_used(events(desk))
    with again() as host:
        assert context(host)["tools_used"] == expected


def test_tools_stay_when_their_replies_leave(desk, again):
    """They were used all the same."""
    desk.start(conversationId="c")
    send(desk, "tools")
    second = send(desk, "more tools")["message"]["id"]
    send(desk, "hello", replaces=second)
    assert context(desk)["tools_used"] == ["search", "mail", "bank"]
    with again() as host:
        assert context(host)["tools_used"] == ["search", "mail", "bank"]


# Elsewhere


def whole(host, id):
    """All that was found out, in the context, is what the history makes of it."""
    events = fold.read(host.file(id))
    history = fold.history(events)
    for name, value in insight.found(history).items():
        assert context(host, id).get(name, insight.WHERE_CHANGED.get(name)) == value, name
    assert context(host, id).get("tools_used", []) == insight.tools_used(events)
    insight.check(host, id, prompts=(None, "great"))


@pytest.mark.parametrize("how", ["all", "beforeMessageId", "throughMessageId"])
def test_a_fork_goes_on_from_what_came_along(desk, again, how):
    desk.start(conversationId="c", type="sales")
    for said in SAID:
        send(desk, said)
    history = desk.history("c", limit=100)["messages"]
    for number in range(0, len(history), 3):
        id = f"d{number}"
        through = {how: history[number]["id"]} if how != "all" else {}
        desk.request("conversation/fork", {"conversationId": "c", "newConversationId": id, **through})
        for type in insight.TYPES:
            desk.request("conversation/update", {"conversationId": id, "type": type})
            insight.check(desk, id, prompts=(None, "great"))
        send(desk, "and on, $7", id=id)
        whole(desk, id)
        with again() as host:
            send(host, "fail", id=id)
            whole(host, id)


def test_one_that_was_carried_over(desk, again):
    desk.start(conversationId="c", type="sales")
    for said in SAID:
        send(desk, said)
    shown, kept = insight.ask(desk, "c"), context(desk)
    text = desk.request("conversation/export", {"conversationId": "c", "format": "jsonl"})["text"]
    whole_one = desk.request("conversation/export", {"conversationId": "c"})["conversation"]
    assert whole_one["context"] == kept
    desk.request("conversation/delete", {"conversationId": "c", "purge": True})
    desk.request("conversation/import", {"text": text})
    assert (insight.ask(desk, "c"), context(desk)) == (shown, kept)
    desk.request("conversation/import", {"conversation": {**whole_one, "id": "d"}})
    assert context(desk, "d") == kept
    with again() as host:
        for id in ("c", "d"):
            insight.check(host, id, prompts=(None, "great"))
            send(host, "and on, $7", id=id)
            whole(host, id)


@pytest.mark.parametrize("count", [600, 20_000])
def test_one_that_comes_from_elsewhere(desk, count):
    """Many messages at once, without anything that was found out before."""
    said = [{"role": ["user", "assistant"][number % 2], "content": SAID[number % 13]} for number in range(count)]
    desk.request("conversation/import", {"conversation": {"id": "c", "agentId": "demo", "messages": said}})
    insight.check(desk, "c", prompts=(None, "great"))
    send(desk, "and on")
    whole(desk, "c")
    assert json.loads(desk.file("c").read_bytes().splitlines()[-1])["type"] == "insight"
