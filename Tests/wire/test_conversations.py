"""One conversation from its start to its end and back, and what its file says about it."""

import os
import pwd
import re

import contract
import pytest
from host import Host
from messages import WireError

ULID = "[0-9A-HJKMNP-TV-Z]{26}"
CONTEXT = {"user_preferences": {}, "conversation_state": "active", "custom_data": {}, "conversation_type": "general"}


def error_of(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value


def update(host, id, **params):
    return host.request("conversation/update", {"conversationId": id, **params})["conversation"]


def end(host, id, **params):
    return host.request("conversation/end", {"conversationId": id, **params})["conversation"]


def reopen(host, id):
    return host.request("conversation/reopen", {"conversationId": id})["conversation"]


def size(host, id):
    return host.file(id).stat().st_size


def test_what_a_conversation_begins_with(host):
    started = host.start()
    assert re.fullmatch(f"conv_{ULID}", started["id"])
    assert started == {
        "id": started["id"],
        "userId": pwd.getpwuid(os.getuid()).pw_name,
        "agentId": "echo",
        "type": "general",
        "tags": [],
        "startTime": started["startTime"],
        "updatedTime": started["startTime"],
        "metadata": {},
        "context": CONTEXT,
        "messageCount": 0,
        "seq": 0,
        "usage": {},
    }
    (event,) = contract.check_file(host.file(started["id"]))
    assert event["timestamp"] == started["startTime"]
    assert host.get(started["id"]) == started


def test_what_a_conversation_is_told_at_its_start(host):
    given = {
        "userId": "ada",
        "conversationId": "Order.17_b-" + "x" * 117,
        "title": "A title",
        "agentId": "echo",
        "organizationId": "org",
        "projectId": "project",
        "tags": ["b", "a"],
        "instructions": "Be brief.",
        "metadata": {"channel": "web"},
    }
    started = host.start(**given, type="sales", context={"user_preferences": {"language": "en"}, "order": [1]})
    assert {name: started.get(name) for name in given if name != "conversationId"} == {
        name: value for name, value in given.items() if name != "conversationId"
    }
    assert started["id"] == given["conversationId"]
    assert started["type"] == started["context"]["conversation_type"] == "sales"
    expected = {**CONTEXT, "user_preferences": {"language": "en"}, "order": [1], "conversation_type": "sales"}
    assert started["context"] == expected
    with Host(host.store) as another:
        assert another.get(started["id"]) == started


def test_the_type_may_stand_in_the_metadata(host):
    assert host.start(metadata={"type": "customer_support"})["type"] == "customer_support"
    assert host.start(metadata={"type": "customer_support"}, type="sales")["type"] == "sales"


@pytest.mark.parametrize(
    ("wish", "text"), [(True, "Hello! How can I help you today?"), ("Moin.", "Moin."), (False, None)]
)
def test_a_welcome(host, wish, text):
    started = host.start(metadata={"sendWelcome": wish})
    messages = host.history(started["id"])["messages"]
    assert [(message["role"], message["content"]) for message in messages] == ([("system", text)] if text else [])
    assert started["messageCount"] == started["seq"] == len(messages)
    assert "title" not in started


def test_a_start_whose_id_is_taken(host):
    first = host.start(conversationId="c", title="first")
    error = error_of(host.start, conversationId="c", title="second")
    assert (error.code, error.kind, error.data["conversationId"]) == (1011, "conversationExists", "c")
    assert host.start(conversationId="c", title="second", ifExists="open") == first
    assert host.start(conversationId="d", ifExists="open")["seq"] == 0


@pytest.mark.parametrize("id", ["", ".", "..", "../c", "a/b", "a b", "-a", "_a", ".a", "ä", "a\n", "a\0", "x" * 129])
def test_ids_that_no_conversation_can_have(host, id):
    assert error_of(host.start, conversationId=id).kind == "invalidParams"
    error = error_of(host.get, id)
    assert (error.code, error.kind, error.data["conversationId"]) == (1010, "conversationNotFound", id)


OF_ONE = [name for name in contract.REQUESTS if "conversationNotFound" in str(contract.METHODS[name])]


@pytest.mark.parametrize("method", OF_ONE)
def test_a_conversation_that_is_not_there(host, method):
    params = {"conversationId": "../conversations/none", **({"content": "x"} if method.endswith("send") else {})}
    error = error_of(host.request, method, params)
    assert (error.code, error.kind) == (1010, "conversationNotFound")


def test_a_profile_without_a_provider(host):
    error = error_of(host.start, conversationId="c", metadata={"loadUserProfile": True})
    assert (error.code, error.kind) == (1040, "profileUnavailable")
    assert error_of(host.get, "c").kind == "conversationNotFound"


def test_a_message_and_its_echo(host):
    id = host.start()["id"]
    sent = host.send(id, "Hello?", metadata={"from": "web"})
    message, reply = sent["message"], sent["reply"]
    assert (message["role"], message["content"], message["metadata"]) == ("user", "Hello?", {"from": "web"})
    assert (reply["role"], reply["content"]) == ("assistant", "You said: Hello?")
    assert message["turnId"] == reply["turnId"] == sent["turnId"]
    assert (reply["metadata"]["agent_id"], reply["metadata"]["tools_used"]) == ("echo", [])
    assert message["seq"] < reply["seq"] <= sent["seq"] == host.get(id)["seq"]
    ids = [message["id"], reply["id"], sent["turnId"], reply["metadata"]["execution_id"]]
    for id, kind in zip(ids, ["msg", "msg", "turn", "exec"]):
        assert re.fullmatch(f"{kind}_{ULID}", id)
    assert len(set(ids)) == 4


def test_messages_that_open_no_turn(host):
    """Another role than the user's never does, and the user's doesn't when it isn't to be executed."""
    id = host.start()["id"]
    for params in ({"role": "system"}, {"role": "assistant"}, {"role": "assistant", "execute": True}, {"execute": False}):
        sent = host.send(id, "note", **params)
        assert "reply" not in sent and "turnId" not in sent and "turnId" not in sent["message"]
        assert sent["message"]["role"] == params.get("role", "user")
    assert host.get(id)["messageCount"] == 4


def test_the_title_is_set_or_taken_from_the_first_question(host):
    id = host.start()["id"]
    host.send(id, "not this", role="system")
    host.send(id, "x" * 79 + "éé\nsecond line", execute=False)
    host.send(id, "nor this", execute=False)
    assert host.get(id)["title"] == "x" * 79 + "é"
    assert update(host, id, title="Mine")["title"] == "Mine"


def test_get_gives_the_messages_if_asked(host):
    id = host.start()["id"]
    sent = [host.send(id, text) for text in ("a", "b")]
    got = host.request("conversation/get", {"conversationId": id, "messages": True})
    assert got["messages"] == [each[name] for each in sent for name in ("message", "reply")]
    assert got["conversation"] == host.get(id)
    assert got["conversation"]["messageCount"] == 4


# Update


def test_an_update_changes_what_it_names(host):
    id = host.start(tags=["a", "b"], metadata={"x": {"y": 1}, "keep": 1}, context={"draft": 1, "n": {"a": 1}})["id"]
    before = host.get(id)
    after = update(
        host, id, type="sales", instructions="Be kind.", addTags=["c", "a"], removeTags=["b", "none"],
        context={"n": {"b": 2}, "custom_data": {"k": 1}}, removeContext=["draft", "none"],
        metadata={"x": {"z": 2}}, removeMetadata=["none"],
    )  # fmt: skip
    assert after == {
        **before,
        "type": "sales",
        "instructions": "Be kind.",
        "tags": ["a", "c"],
        "metadata": {"x": {"z": 2}, "keep": 1},
        "context": {**CONTEXT, "n": {"b": 2}, "custom_data": {"k": 1}, "conversation_type": "sales"},
        "updatedTime": after["updatedTime"],
        "seq": before["seq"] + 1,
    }
    assert host.get(id) == after
    with Host(host.store) as another:
        assert another.get(id) == after


def test_putting_away_and_taking_back(host):
    id = host.start()["id"]
    assert update(host, id, archived=True)["archived"] is True
    assert host.send(id, "still there")["reply"]["content"] == "You said: still there"
    assert not update(host, id, archived=False).get("archived", False)


def test_an_agent_that_nobody_knows(host):
    id = host.start()["id"]
    before = size(host, id)
    for call in (lambda: update(host, id, agentId="nobody"), lambda: host.start(agentId="nobody")):
        error = error_of(call)
        assert (error.code, error.kind, error.data["known"]) == (1020, "agentNotFound", ["echo"])
    assert size(host, id) == before


def test_an_update_of_what_has_changed_meanwhile(host):
    id = host.start()["id"]
    host.send(id, "x", execute=False)
    before = size(host, id)
    for seq in (0, 2, 2**53):
        error = error_of(update, host, id, title="t", ifSeq=seq)
        assert (error.code, error.kind, error.data["seq"]) == (1016, "conflict", 1)
    assert size(host, id) == before
    assert update(host, id, title="t", ifSeq=1)["seq"] == 2


# The end


def test_an_end_and_a_new_beginning(host):
    id = host.start()["id"]
    ended = end(host, id)
    assert ended["endTime"] == ended["updatedTime"]
    assert ended["context"]["conversation_state"] == "ended"
    assert ended["metadata"] == {"end_reason": "user_ended"}
    for execute in (True, False):
        error = error_of(host.send, id, "x", execute=execute)
        assert (error.code, error.kind, error.data["conversationId"]) == (1012, "conversationEnded", id)
    assert update(host, id, title="changed all the same")["title"]
    again = reopen(host, id)
    assert "endTime" not in again
    assert (again["context"]["conversation_state"], again["metadata"]) == ("active", {})
    assert host.send(id, "x")["reply"]
    assert end(host, id, reason="bored")["metadata"]["end_reason"] == "bored"


def test_what_is_so_already_makes_no_event(host):
    id = host.start()["id"]
    assert reopen(host, id)["seq"] == 0
    ended = end(host, id)
    assert end(host, id, reason="another") == ended
    update(host, id, archived=True)
    before = size(host, id)
    update(host, id, archived=True)
    assert size(host, id) == before
