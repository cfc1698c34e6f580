"""$/cancelRequest: the request ends with an error of its own, and its turn with it."""

import contract
import pytest
from messages import WireError, call


def kind_of(demo, id):
    with pytest.raises(WireError) as caught:
        demo.expect(id)
    assert caught.value.code == -32800
    return caught.value.kind


@pytest.mark.parametrize("id", [1000, "1000", "", 1.5, 'a"\n'])
def test_a_send_and_its_turn(demo, id):
    demo.start(conversationId="c")
    demo.begin("conversation/send", {"conversationId": "c", "content": "hold"}, id=id)
    demo.notify("$/cancelRequest", {"id": id})
    with pytest.raises(WireError) as caught:
        demo.expect(id)
    error = caught.value
    assert (error.code, error.kind) == (-32800, "cancelled")
    started, message, ended, insight = contract.check_file(demo.file("c"))
    assert (message["content"], message["id"]) == ("hold", error.data["messageId"])
    assert (ended["type"], ended["outcome"], ended["turnId"]) == ("turnEnded", "cancelled", error.data["turnId"])
    assert ended["messageId"] == message["id"]
    assert insight["type"] == "insight"
    assert demo.send("c", "a")["reply"]["content"] == "Heard: a"


def test_an_id_is_told_by_its_kind_too(demo):
    demo.start(conversationId="c")
    demo.begin("conversation/send", {"conversationId": "c", "content": "hold"}, id="7")
    for other in (7, 7.0, None, "7 ", "07"):
        demo.notify("$/cancelRequest", {"id": other})
    assert len(demo.get("c")["turns"]) == 1
    demo.notify("$/cancelRequest", {"id": "7"})
    assert kind_of(demo, "7") == "cancelled"


def test_a_send_that_waits_its_turn(demo):
    demo.start(conversationId="c")
    running, queued = demo.begin_send("c", "hold"), demo.begin_send("c", "x")
    demo.notify("$/cancelRequest", {"id": queued})
    assert kind_of(demo, queued) == "cancelled"
    assert [turn["state"] for turn in demo.get("c")["turns"]] == ["running"]
    demo.notify("$/cancelRequest", {"id": running})
    assert kind_of(demo, running) == "cancelled"


def test_an_execution(demo):
    id = demo.begin("agent/execute", {"prompt": "hold"})
    demo.notify("$/cancelRequest", {"id": id})
    assert kind_of(demo, id) == "cancelled"


def test_requests_that_nobody_waits_for(demo):
    """Unknown, answered already, mistyped: nothing happens, and nothing is said."""
    demo.start(conversationId="c")
    sent = demo.begin_send("c", "a")
    demo.expect(sent)
    for params in ({"id": sent}, {"id": "none"}, {"id": []}, {}, None, {"ident": 1}):
        demo.notify("$/cancelRequest", params)
    assert demo.request("ping") == {}
    assert demo.history("c")["total"] == 2


def test_a_send_that_waits_for_no_turn_is_answered_already(demo):
    """Its answer came when the message was stored, so there is nothing left to cancel, and the turn goes on."""
    demo.start(conversationId="c")
    sent = demo.begin_send("c", "hold", wait=False)
    demo.expect(sent)
    demo.notify("$/cancelRequest", {"id": sent})
    assert len(demo.get("c")["turns"]) == 1


def test_requests_behind_a_cancelled_one_are_served(demo):
    """All in one write, so that the cancelling comes as early as it can."""
    session = call("s", "conversation/start", {"conversationId": "c"})
    for number in range(50):
        session += call(f"h{number}", "conversation/send", {"conversationId": "c", "content": "hold"})
        session += b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"h%d"}}\n' % number
    demo.send_raw(session + call("last", "conversation/send", {"conversationId": "c", "content": "a"}))
    for number in range(50):
        assert kind_of(demo, f"h{number}") == "cancelled"
    assert demo.expect("last")["reply"]["content"] == "Heard: a"
