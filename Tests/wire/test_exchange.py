"""Conversations out of a store and into another: byte for byte as events, whole as JSON."""

import json

import contract
import fold
import pytest
from host import Host
from messages import WireError, call, line
from test_forks import long_file

MiB = 1 << 20


def export(host, id="c", format="jsonl"):
    return host.request("conversation/export", {"conversationId": id, "format": format})


def import_(host, **params):
    return host.request("conversation/import", params)


def refusal(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value


@pytest.fixture
def elsewhere(tmp_path, configured):
    """A host on another store."""
    with Host(tmp_path / "elsewhere", config=configured(), strict=False) as host:
        yield host


@pytest.fixture
def full(demo):
    """A host with a conversation `c` of events of every type."""
    demo.start(conversationId="c", tags=["x"], metadata={"real": 0.1, "big": 2**62, "é": "\u2028"})
    first = demo.send("c", 'all sorts: \0 \x7f "\\/ ß 😀 \u2028 \ufeff', idempotencyKey="k")["message"]
    demo.send("c", "tools")
    demo.send("c", "b", replaces=demo.history("c")["messages"][-2]["id"])
    refusal(demo.send, "c", "fail")
    refusal(demo.request, "turn/retry", {"conversationId": "c"})
    demo.request("conversation/update", {"conversationId": "c", "title": "t", "context": {"k": [1.5, None]}})
    demo.request("conversation/end", {"conversationId": "c"})
    demo.request("conversation/reopen", {"conversationId": "c"})
    demo.request("conversation/delete", {"conversationId": "c"})
    demo.request("conversation/restore", {"conversationId": "c"})
    types = {event["type"] for event in contract.check_file(demo.file("c"))}
    assert len(types) == 11 and first
    return demo


@pytest.mark.parametrize("how", ["text", "path", "path without a last line end"])
def test_events_byte_for_byte(full, elsewhere, tmp_path, how):
    data = full.file("c").read_bytes()
    text = export(full)["text"]
    assert text.encode() == data
    if how == "text":
        got = import_(elsewhere, text=text)
    else:
        (tmp_path / "events").write_bytes(data if how == "path" else data[:-1])
        got = import_(elsewhere, path=str(tmp_path / "events"))
    assert elsewhere.file("c").read_bytes() == data
    assert got["conversation"] == full.get("c")
    assert export(elsewhere)["text"] == text
    fold.check(elsewhere, "c")
    # What was sent with a key there was sent here.
    first = full.history("c")["messages"][0]
    again = elsewhere.send("c", first["content"], idempotencyKey="k")
    assert again["message"] == first
    assert elsewhere.send("c", "on")["reply"]["content"] == "Heard: on"


def test_a_hundred_thousand_events_in_bounded_memory(tmp_path, store):
    """By a path the file is never held; 20 MiB of events take less memory than that."""
    count = 100_000
    source = long_file(tmp_path / "long.jsonl", count)
    assert source.stat().st_size > 18 * MiB
    with Host(tmp_path / "elsewhere", "--durability", "os") as host:
        host.start(conversationId="d")
        before = host.peak_memory()
        waiting = host.begin("conversation/import", {"path": str(source)})
        got = host.expect(waiting)
        assert (got["imported"]["messages"], got["conversation"]["messageCount"]) == (count, count)
        assert host.history("big", limit=2)["messages"][1]["content"] == f"text {count}"
        assert host.peak_memory() - before < 20 * MiB
        assert host.file("big").read_bytes() == source.read_bytes()


NEWER = [
    {"seq": 0, "type": "started", "timestamp": "2031-01-01T00:00:00.000Z", "format": 1,
     "conversation": {"id": "c", "userId": "u", "agentId": "of-2031", "type": "general", "metadata": {},
                      "context": {"user_preferences": {}, "conversation_state": "active", "custom_data": {}}, "mood": "blue"},
     "shape": [1]},
    {"seq": 1, "type": "message", "id": "msg_1", "role": "user", "timestamp": "2031-01-01T00:00:01.000Z",
     "content": "hello", "metadata": {}, "weight": {"grams": 1e22}},
    {"seq": 2, "type": "applause", "timestamp": "2031-01-01T00:00:02.000Z", "loud": True},
    {"seq": 3, "type": "message", "id": "msg_2", "role": "assistant", "timestamp": "2031-01-01T00:00:03.000Z",
     "content": "hi", "metadata": {"new": 1}, "turn": "of nobody"},
    {"seq": 4, "type": "superseded", "timestamp": "2031-01-01T00:00:04.000Z", "fromSeq": 2, "why": "so"},
    {"seq": 5, "type": "applause", "timestamp": "2031-01-01T00:00:05.000Z"},
]  # fmt: skip


def test_what_another_version_wrote(elsewhere):
    """Events and members that nobody here knows come in, are shown, go out, and go along with a fork."""
    text = "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in NEWER)
    assert import_(elsewhere, text=text)["imported"] == {"messages": 1}
    assert elsewhere.file("c").read_bytes() == text.encode()
    assert elsewhere.request("conversation/events", {"conversationId": "c"})["events"] == NEWER
    assert export(elsewhere)["text"] == text.replace("1e+22", "1e+22")
    assert elsewhere.history("c")["messages"] == [NEWER[1]]
    forked = elsewhere.request("conversation/fork", {"conversationId": "c", "newConversationId": "f"})["conversation"]
    assert forked["messageCount"] == 1
    assert elsewhere.history("f")["messages"] == [NEWER[1]]
    assert refusal(elsewhere.send, "c", "x").kind == "agentNotFound"
    assert elsewhere.send("c", "x", execute=False)["message"]["seq"] == 6


FAULTS = {
    "empty": "",
    "not JSON": '{"seq":0\n{"seq":1}\n',
    "a newer format": json.dumps({**NEWER[0], "format": 2}) + "\n",
    "a gap": "".join(json.dumps(event) + "\n" for event in [NEWER[0], NEWER[2]]),
    "no beginning": json.dumps({**NEWER[1], "seq": 0}) + "\n",
    "an id that is a path": json.dumps({**NEWER[0], "conversation": {**NEWER[0]["conversation"], "id": "../c"}}) + "\n",
    "half a line": "".join(json.dumps(event) + "\n" for event in NEWER)[:-30],
}


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("by_path", [False, True])
def test_what_is_no_conversation_leaves_nothing(host, tmp_path, text, by_path):
    source = tmp_path / "in.jsonl"
    source.write_text(text)
    params = {"path": str(source)} if by_path else {"text": text}
    error = refusal(import_, host, format="jsonl", **params)
    assert (error.code, error.kind) == (-32602, "invalidParams")
    assert [path for path in host.store.rglob("*") if path.is_file()] == []


def test_paths_that_cannot_be_read(host, tmp_path):
    for path in (tmp_path / "none", tmp_path, "/dev/null", "/proc/self/mem"):
        assert refusal(import_, host, path=str(path)).kind == "invalidParams"
    assert host.request("ping") == {}


def test_two_processes_import_the_same(pair, elsewhere):
    elsewhere.start(conversationId="c")
    elsewhere.send("c", "a")
    text = export(elsewhere)["text"]
    ids = [
        (host, host.begin("conversation/import", {"text": text, "ifExists": how}))
        for host in pair
        for how in ("error", "open")
    ]
    answers = [host.answer(id) for host, id in ids]
    imported = [answer["result"]["imported"]["messages"] for answer in answers if "result" in answer]
    assert sorted(imported)[-1] == 2 and sum(imported) == 2
    refused = [answer["error"]["data"]["kind"] for answer in answers if "error" in answer]
    assert set(refused) <= {"conversationExists"} and len(imported) + len(refused) == 4
    assert pair[0].get("c") == pair[1].get("c")


@pytest.mark.parametrize("how", ["text", "path", "conversation"])
@pytest.mark.parametrize("in_batch", [False, True])
def test_what_comes_behind_an_import_sees_it(host, elsewhere, tmp_path, how, in_batch):
    """Though nobody can tell before it is read which conversation it is about."""
    elsewhere.start(conversationId="c")
    elsewhere.send("c", "a")
    (tmp_path / "in.jsonl").write_text(export(elsewhere)["text"])
    source = {
        "text": export(elsewhere)["text"], "path": str(tmp_path / "in.jsonl"),
        "conversation": export(elsewhere, format="json")["conversation"],
    }  # fmt: skip
    session = [
        call("import", "conversation/import", {how: source[how]}),
        call("start", "conversation/start", {"conversationId": "c", "ifExists": "open"}),
        call("send", "conversation/send", {"conversationId": "c", "content": "b", "execute": False}),
        call("delete", "conversation/delete", {"conversationId": "c"}),
        call("restore", "conversation/restore", {"conversationId": "c"}),
        call("history", "conversation/history", {"conversationId": "c"}),
    ]
    if in_batch:
        host.send_raw(line([contract.parse(text) for text in session]))
        answers = host.next()
    else:
        host.send_raw(b"".join(session))
        answers = [host.answer(contract.parse(text)["id"]) for text in session]
    assert [answer["error"] for answer in answers if "error" in answer] == []
    (history,) = [answer["result"] for answer in answers if answer["id"] == "history"]
    assert [message["content"] for message in history["messages"]] == ["a", "Heard: a", "b"]


# JSON: the members of the seed


def test_as_one_object(full, elsewhere):
    exported = export(full, format="json")["conversation"]
    shown, messages = full.get("c"), full.history("c")["messages"]
    for name in ("id", "userId", "agentId", "type", "title", "tags", "startTime", "metadata", "context"):
        assert exported[name] == shown[name]
    assert exported["messages"] == [
        {name: message[name] for name in ("id", "role", "content", "timestamp", "metadata")} for message in messages
    ]
    got = import_(elsewhere, conversation=exported)
    assert got["imported"] == {"messages": len(messages)}
    assert export(elsewhere, format="json")["conversation"] == exported
    fold.check(elsewhere, "c")
    assert elsewhere.get("c")["usage"] == fold.usage(fold.read(elsewhere.file("c")))
    # As text it is the same.
    elsewhere.request("conversation/delete", {"conversationId": "c"})
    import_(elsewhere, text=json.dumps(exported))
    assert export(elsewhere, format="json")["conversation"] == exported


def test_what_the_seed_wrote(host):
    """An object of the least, and one with all that the seed has."""
    got = import_(host, conversation={"messages": []})["conversation"]
    assert got["messageCount"] == 0
    written = {
        "id": "conv_123", "userId": "user_1", "agentId": "agent_1", "organizationId": "org", "projectId": "proj",
        "title": "Order", "startTime": "2024-02-29T10:00:00Z", "endTime": "2024-02-29T11:00:00+01:00",
        "metadata": {"type": "customer_support", "end_reason": "user_ended"},
        "messages": [
            {"id": "m1", "role": "system", "content": "Hello!", "timestamp": "2024-02-29T10:00:00.5Z", "metadata": {}},
            {"id": "m2", "role": "user", "content": "Hi\nthere", "timestamp": "2024-02-29T10:00:01Z", "metadata": {"a": 1}},
            {"role": "assistant", "content": "", "metadata": {"tokens_used": 5, "tools_used": ["x"]}},
        ],
        "context": {"user_preferences": {"lang": "de"}, "conversation_state": "ended", "custom_data": {}, "lead": 3},
    }  # fmt: skip
    got = import_(host, conversation=written)
    assert got["imported"] == {"messages": 3}
    conversation = got["conversation"]
    assert (conversation["startTime"], conversation["endTime"]) == (
        "2024-02-29T10:00:00.000Z",
        "2024-02-29T10:00:00.000Z",
    )
    assert conversation["context"] == {**written["context"], "conversation_type": "general", "tools_used": ["x"]}
    assert conversation["metadata"]["end_reason"] == "user_ended"
    page = host.history("conv_123")
    assert [(m["role"], m["content"], m["metadata"]) for m in page["messages"]] == [
        (m["role"], m["content"], m["metadata"]) for m in written["messages"]
    ]
    fold.check(host, "conv_123")
