"""Two processes on one store: one order of events, and each acknowledged message exactly once."""

import contract
import pytest
from host import Host
from messages import WireError
from neighbours import at_once


def kind_and_data(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value.kind, caught.value.data


def append(host, texts, acknowledged, window=40):
    """Sends the texts with so many of them on their way at once; notes the message that each is answered with.

    Stops where the host is gone.
    """
    waiting = []
    try:
        for text in texts:
            waiting.append(host.begin_send("c", text, execute=False))
            if len(waiting) == window:
                acknowledged.append(host.expect(waiting.pop(0))["message"])
        while waiting:
            acknowledged.append(host.expect(waiting.pop(0))["message"])
    except (AssertionError, BrokenPipeError):
        if host.process.wait() != -9:
            raise


def killing(host, texts, after):
    """These texts; while they are sent the host is killed, without a word to the one who sends them."""
    for number, text in enumerate(texts):
        if number == after:
            host.process.kill()
        yield text


def check_all_there(path, acknowledged):
    """Each acknowledged message stands in the file as it was acknowledged, and no message stands there twice."""
    events = contract.check_file(path)
    contents = [event["content"] for event in events if event["type"] == "message"]
    assert len(contents) == len(set(contents))
    for message in acknowledged:
        assert events[message["seq"]] == message
    return contents


def test_both_append_to_one_conversation(pair):
    one, other = pair
    one.start(conversationId="c")
    from_one, from_other = [], []
    at_once(
        lambda: append(one, [f"one {number}" for number in range(1500)], from_one),
        lambda: append(other, [f"other {number}" for number in range(1500)], from_other),
    )
    assert len(from_one) == len(from_other) == 1500
    assert len(check_all_there(one.file("c"), from_one + from_other)) == 3000
    # Each one's messages are in the order in which it sent them, and the two did meet.
    for messages in (from_one, from_other):
        seqs = [message["seq"] for message in messages]
        assert seqs == sorted(seqs)
    assert from_one[0]["seq"] < from_other[-1]["seq"] and from_other[0]["seq"] < from_one[-1]["seq"]
    assert one.get("c") == other.get("c")


def test_one_of_both_is_killed_again_and_again(store):
    """Whenever it is killed, in the middle of a write perhaps: what it acknowledged is there, and the other goes on."""
    acknowledged = []
    with Host(store) as one:
        one.start(conversationId="c")
        for turn in range(20):
            with Host(store) as other:
                from_one, from_other = [], []
                # Long messages, so that writing one takes a while.
                long = (f"other {turn} {number} " + "x" * 20_000 for number in range(100_000))
                at_once(
                    lambda: append(one, [f"one {turn} {number}" for number in range(100)], from_one),
                    lambda: append(other, killing(other, long, after=20 + 7 * turn), from_other, window=8),
                )
                assert other.process.wait() == -9
            assert len(from_one) == 100
            acknowledged += from_one + from_other
        contents = check_all_there(store / "conversations" / "c.jsonl", acknowledged)
    assert len(contents) >= len(acknowledged) > 20 * 100
    with Host(store) as fresh:
        assert fresh.history("c")["total"] == len(contents)
        assert fresh.send("c", "and on")["reply"]
    check_all_there(store / "conversations" / "c.jsonl", acknowledged)
    assert list(store.glob("conversations/*.jsonl")) == [store / "conversations" / "c.jsonl"]


def test_each_sees_what_the_other_did(pair):
    one, other = pair
    started = one.start(conversationId="c")
    assert other.get("c") == started
    sent = other.send("c", "a")
    assert one.history("c")["messages"] == [sent["message"], sent["reply"]]
    stale = {"conversationId": "c", "title": "t", "ifSeq": 0}
    assert kind_and_data(one.request, "conversation/update", stale)[0] == "conflict"
    one.request("conversation/end", {"conversationId": "c"})
    assert kind_and_data(other.send, "c", "b")[0] == "conversationEnded"
    assert other.request("conversation/list")["conversations"] == one.request("conversation/list")["conversations"]


def test_an_id_is_given_once(pair):
    """Both want the same ids at the same time: each goes to one of them."""
    won = {host: [] for host in pair}

    def start(host):
        for number in [host.begin("conversation/start", {"conversationId": f"c{number}"}) for number in range(50)]:
            answer = host.answer(number)
            won[host].append(answer.get("error", {}).get("data", {}).get("kind"))

    at_once(*(lambda host=host: start(host) for host in pair))
    for outcome in zip(*won.values()):
        assert sorted(outcome, key=str) == [None, "conversationExists"]
