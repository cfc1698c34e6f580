"""Two processes, one conversation: its turns take turns all the same, and a process that dies leaves none behind."""

import contract
import pytest
from messages import WireError
from neighbours import at_once


def kind_and_data(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value.kind, caught.value.data


def test_a_turn_of_another_process_is_in_progress(pair):
    one, other = pair
    one.start(conversationId="c")
    turn = one.send("c", "hold", wait=False)["turnId"]
    kind, data = kind_and_data(other.send, "c", "a", whenBusy="reject")
    assert (kind, data["owner"]["pid"], data["conversationId"]) == ("turnInProgress", one.pid, "c")
    kind, data = kind_and_data(other.request, "conversation/end", {"conversationId": "c"})
    assert (kind, data["owner"]["pid"]) == ("turnInProgress", one.pid)
    assert other.history("c")["turns"] == []
    one.request("turn/cancel", {"conversationId": "c", "turnId": turn})
    assert other.send("c", "a", whenBusy="reject")["reply"]["content"] == "Heard: a"


def test_a_turn_waits_for_that_of_another_process(pair):
    one, other = pair
    one.start(conversationId="c")
    running = one.begin_send("c", "hold")
    assert len(one.get("c")["turns"]) == 1
    waiting = other.begin_send("c", "a")
    assert [turn["state"] for turn in other.get("c")["turns"]][-1] == "queued"
    assert other.history("c")["total"] == 1
    one.request("turn/cancel", {"conversationId": "c"})
    assert kind_and_data(one.expect, running)[0] == "cancelled"
    assert other.expect(waiting)["reply"]["content"] == "Heard: a"


def test_a_note_needs_no_turn_of_its_own(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "hold", wait=False)
    assert other.send("c", "note", execute=False)["message"]["content"] == "note"


def test_both_run_turns_in_one_conversation(pair):
    """Question and answer stay together, whoever asks."""
    one, other = pair
    one.start(conversationId="c")

    def ask(host, name):
        waiting = {f"Heard: {name} {number}": host.begin_send("c", f"{name} {number}") for number in range(100)}
        for reply, id in waiting.items():
            assert host.expect(id)["reply"]["content"] == reply

    at_once(lambda: ask(one, "one"), lambda: ask(other, "other"))
    messages = [event for event in contract.check_file(one.file("c")) if event["type"] == "message"]
    assert len(messages) == 400
    for question, answer in zip(messages[::2], messages[1::2]):
        assert (answer["role"], answer["turnId"]) == ("assistant", question["turnId"])


def test_a_turn_whose_process_died_is_recorded_as_interrupted(pair):
    one, other = pair
    one.start(conversationId="c")
    sent = one.send("c", "hold", wait=False)
    assert other.history("c")["turns"] == []
    one.kill()
    page = other.history("c")
    assert [message["id"] for message in page["messages"]] == [sent["message"]["id"]]
    (turn,) = page["turns"]
    assert (turn["turnId"], turn["messageId"], turn["outcome"]) == (sent["turnId"], sent["message"]["id"], "interrupted")
    ended, found = contract.check_file(other.file("c"))[-2:]
    assert found["type"] == "insight"
    assert (ended["type"], ended["outcome"], ended["turnId"]) == ("turnEnded", "interrupted", sent["turnId"])
    assert "turns" not in other.get("c")
    assert other.send("c", "a", whenBusy="reject")["reply"]["content"] == "Heard: a"


def test_a_turn_that_waits_for_a_process_that_dies(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "hold", wait=False)
    waiting = other.begin_send("c", "a")
    assert other.request("ping") == {}
    one.kill()
    assert other.expect(waiting)["reply"]["content"] == "Heard: a"
    assert [turn["outcome"] for turn in other.history("c")["turns"]] == ["interrupted"]


def test_a_turn_that_waits_for_another_process_can_be_cancelled(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "hold", wait=False)
    first, second = other.begin_send("c", "a"), other.begin_send("c", "b")
    (turn, _) = [turn["turnId"] for turn in other.get("c")["turns"] if turn["state"] == "queued"][-2:]
    assert other.request("turn/cancel", {"conversationId": "c", "turnId": turn})["outcome"] == "cancelled"
    assert kind_and_data(other.expect, first)[0] == "cancelled"
    other.notify("$/cancelRequest", {"id": second})
    assert kind_and_data(other.expect, second)[0] == "cancelled"
    assert one.get("c")["seq"] == 1


def test_a_turn_that_waits_finds_the_conversation_ended(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "hold", wait=False)
    waiting = other.begin_send("c", "a")
    assert other.get("c")["turns"]
    one.request("conversation/end", {"conversationId": "c"})
    assert kind_and_data(other.expect, waiting)[0] == "conversationEnded"
    assert [message["content"] for message in other.history("c")["messages"]] == ["hold"]


def test_the_end_of_the_input_waits_for_a_turn_that_waits(pair):
    """It was read, so it is answered, when the other process is done."""
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "hold", wait=False)
    waiting = other.begin_send("c", "a")
    other.close_input()
    one.request("turn/cancel", {"conversationId": "c"})
    assert other.wait() == 0
    assert other.expect(waiting)["reply"]["content"] == "Heard: a"
