"""Lines that look nearly as Parley writes them: a host that opens them knows what one knows that reads them whole."""

import json

import pytest
from host import Host

HEAD = {
    "seq": 0, "type": "started", "timestamp": "2026-01-01T00:00:00.000Z", "format": 1,
    "conversation": {
        "id": "c", "userId": "u", "agentId": "echo", "type": "general", "metadata": {},
        "context": {"user_preferences": {}, "conversation_state": "active", "custom_data": {}},
    },
}  # fmt: skip

WHOLE = {
    "user_sentiment": {"sentiment": "neutral", "confidence": 0.0}, "escalation_level": 0, "products_discussed": ["}\\\""],
    "conversation_stage": "discovery", "topics_discussed": [],
    "conversation_mood": {"overall_sentiment": "neutral", "energy_level": "low", "engagement": "casual"},
}  # fmt: skip


def write(store, *events):
    folder = store / "conversations"
    folder.mkdir(parents=True)
    lines = [json.dumps(HEAD, separators=(",", ":"))]
    for seq, event in enumerate(events, 1):
        event = {"seq": seq, "type": event.pop("type"), **event} if isinstance(event, dict) else event(seq)
        lines.append(event if isinstance(event, str) else json.dumps(event, separators=(",", ":")))
    (folder / "c.jsonl").write_text("".join(line + "\n" for line in lines))


def reply(metadata):
    return lambda seq: (
        f'{{"seq":{seq},"type":"message","id":"m{seq}","role":"assistant","timestamp":"2026-01-01T00:00:01.000Z",'
        f'"content":"x","metadata":{metadata}}}'
    )


def found(context, **more):
    checkpoint = {"throughSeq": 1, "wordsHash": "0", "messages": 0, "userMessages": 0, "negative": 0, "positive": 0}
    time = {"timestamp": "2026-01-01T00:00:02.000Z"}
    return {"type": "insight", **time, "context": context, "checkpoint": checkpoint, **more}


def context(store):
    with Host(store, strict=False) as host:
        return host.get("c")["context"]


@pytest.mark.parametrize(
    "metadata",
    [
        '{"tools_used":["search"]}',
        '{"calls":[{"tools_used":[]}],"tools_used":["search"]}',
        '{"tools_used":["search"],"calls":[{"tools_used":[]}]}',
        '{"tools_used" : ["search"]}',
        '{"name":"\\"tools_used\\":[]","tools_used":["search"]}',
    ],
)
def test_tools_are_found(store, metadata):
    write(store, reply(metadata))
    assert context(store)["tools_used"] == ["search"]


@pytest.mark.damages_files
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (WHOLE, WHOLE),
        ({**WHOLE, "mine": "x"}, WHOLE),
        (WHOLE, {**WHOLE, "mine": "x"}),
        (WHOLE, {"user_sentiment": WHOLE["user_sentiment"]}),
        ({"needs_escalation": True, **WHOLE}, WHOLE),
        (dict(reversed(WHOLE.items())), {**WHOLE, "escalation_level": 2}),
        ({**WHOLE, "topics_discussed": ["a", {"b": ["]"]}]}, {**WHOLE, "conversation_stage": {"x": "}"}}),
    ],
)
def test_what_insight_told_is_there(store, first, second):
    write(store, found(first), found(second))
    told = context(store)
    assert {name: told[name] for name in {**first, **second}} == {**first, **second}


def test_what_was_updated_between_two_is_not_lost(store):
    time = {"timestamp": "2026-01-01T00:00:02.000Z"}
    update = {"type": "updated", **time, "context": {"set": {"mine": 1}, "remove": ["user_sentiment"]}}
    write(store, found(WHOLE), update)
    assert context(store)["mine"] == 1 and "user_sentiment" not in context(store)
