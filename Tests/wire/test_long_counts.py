"""A long conversation that nobody has counted: that is done aside, and only what needs the count waits for it."""

import json
import random

import fold
import insight
import pytest
from host import Host
from messages import WireError

COUNT = 8_000
WORDS = ["great", "awful", "the api", "a bug", "pro plan", "price", "feature", "manager", "$5k", "hello", "transfer", "x" * 60]


def lines(count, id):
    chance = random.Random(7)
    context = {"user_preferences": {}, "conversation_state": "active", "custom_data": {}}
    head = {"id": id, "userId": "u", "agentId": "echo", "type": "sales", "metadata": {}, "context": context}
    yield {"seq": 0, "type": "started", "timestamp": "2026-01-01T00:00:00.000Z", "format": 1, "conversation": head}
    for seq in range(1, count + 1):
        yield {
            "seq": seq, "type": "message", "id": f"m{seq}", "role": chance.choice(["user", "assistant", "system"]),
            "timestamp": "2026-01-01T00:00:01.000Z", "content": " ".join(chance.choices(WORDS, k=3)), "metadata": {},
        }  # fmt: skip


def write(store, id="long", count=COUNT):
    """More than is read at once; as another program may have left it, without a word of insight."""
    folder = store / "conversations"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{id}.jsonl"
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines(count, id))
    file.write_text(text, encoding="utf-8")
    assert file.stat().st_size > 1 << 20
    return file


def test_it_is_counted_whole_and_then_gone_on_from(store):
    file = write(store)
    with Host(store) as host:
        insight.check(host, "long", prompts=(None, "price"))
        assert len(fold.read(file)) == COUNT + 1, "nothing is written for who only asks"
        host.send("long", "great")
        assert fold.read(file)[-1]["checkpoint"]["messages"] == COUNT + 2
    with Host(store) as host:
        insight.check(host, "long", prompts=(None, "price"))


def test_what_comes_meanwhile_is_carried_out_in_its_order(store):
    write(store)
    with Host(store) as host:
        asked = [
            host.begin("context/preview", {"conversationId": "long"}),
            host.begin("conversation/send", {"conversationId": "long", "content": "one", "execute": False}),
            host.begin("conversation/send", {"conversationId": "long", "content": "two"}),
            host.begin("conversation/update", {"conversationId": "long", "title": "Counted"}),
            host.begin("conversation/end", {"conversationId": "long"}),
            host.begin("conversation/send", {"conversationId": "long", "content": "three"}),
        ]
        assert host.expect(asked[0])["context"]["message_count"] == COUNT
        # More than 256 messages came without a turn, so what is known is told with this one.
        assert host.expect(asked[1])["seq"] == COUNT + 2
        assert host.expect(asked[2])["reply"]["content"] == "You said: two"
        assert host.expect(asked[3])["conversation"]["title"] == "Counted"
        assert host.expect(asked[4])["conversation"]["messageCount"] == COUNT + 3
        with pytest.raises(WireError) as caught:
            host.expect(asked[5])
        assert caught.value.kind == "conversationEnded"
    assert [event["type"] for event in fold.read(store / "conversations" / "long.jsonl")[-7:]] == [
        "message", "insight", "message", "message", "insight", "updated", "ended",
    ]  # fmt: skip


@pytest.mark.parametrize("options", [(), ("--in-order",), ("--deterministic",)], ids=" ".join)
def test_the_end_of_input_waits_for_it(store, options):
    write(store)
    with Host(store, *options) as host:
        preview = host.begin("context/preview", {"conversationId": "long"})
        sent = host.begin_send("long", "bye")
        host.close_input()
        assert host.expect(preview)["context"]["message_count"] == COUNT
        assert host.expect(sent)["reply"]["content"] == "You said: bye"


def test_who_waits_for_it_can_be_cancelled(store):
    write(store)
    with Host(store) as host:
        first = host.begin("context/preview", {"conversationId": "long"})
        second = host.begin_send("long", "never mind")
        third = host.begin("conversation/get", {"conversationId": "long"})
        host.notify("$/cancelRequest", {"id": second})
        with pytest.raises(WireError) as caught:
            host.expect(second)
        assert caught.value.kind == "cancelled"
        assert host.expect(first)["context"]["message_count"] == COUNT
        # It may have begun before the cancel came: then its message is there.
        assert host.expect(third)["conversation"]["messageCount"] in (COUNT, COUNT + 1)


def test_others_need_not_wait_and_another_process_may_write(store):
    write(store)
    with Host(store) as host, Host(store) as other:
        preview = host.begin("context/preview", {"conversationId": "long"})
        host.start(conversationId="short")
        assert host.send("short", "hi")["reply"]["content"] == "You said: hi"
        other.request("conversation/send", {"conversationId": "long", "content": "awful", "execute": False})
        assert host.expect(preview)["context"]["message_count"] in (COUNT, COUNT + 1)
        for one in (host, other):
            insight.check(one, "long", prompts=(None, "great"))


def test_a_fork_of_it_is_counted_too(store):
    write(store)
    with Host(store) as host:
        host.request("conversation/fork", {"conversationId": "long", "newConversationId": "branch"})
        insight.check(host, "branch", prompts=(None, "price"))
        host.send("branch", "great")
        assert fold.read(host.file("branch"))[-1]["checkpoint"]["messages"] == COUNT + 2


def test_it_is_told_a_moment_after_what_nobody_waits_for(store):
    """The echo agent looks at nothing, so its reply goes out before the count, and the insight follows it."""
    file = write(store)
    with Host(store) as host:
        assert host.send("long", "hi")["seq"] == COUNT + 2
        insight.check(host, "long")
        host.request("turn/retry", {"conversationId": "long"})
        insight.check(host, "long", prompts=(None, "price"))
    kinds = [event["type"] for event in fold.read(file)[COUNT + 1 :]]
    assert kinds == ["message", "message", "insight", "superseded", "turnStarted", "message", "insight"]


def test_messages_without_a_turn_are_told_of_though_much_was_not_counted(store):
    file = write(store)
    with Host(store) as host:
        for number in range(600):
            host.begin("conversation/send", {"conversationId": "long", "content": "great", "execute": False})
        insight.check(host, "long")
    assert sum(event["type"] == "insight" for event in fold.read(file)) == 3


def test_a_conversation_ends_during_a_turn_though_another_process_wrote_much(store, configured):
    config = configured()
    with Host(store, config=config) as host, Host(store, config=config) as other:
        host.start(conversationId="c")
        sent = host.begin_send("c", "hold")
        host.get("c")
        other.request("conversation/send", {"conversationId": "c", "content": "great " * 400_000, "execute": False})
        assert host.request("conversation/end", {"conversationId": "c"})["conversation"]["endTime"]
        with pytest.raises(WireError) as caught:
            host.expect(sent)
        assert caught.value.kind == "cancelled"
