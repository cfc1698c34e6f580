"""Many requests on one line are answered on one line."""

import pytest
from host import run
from messages import call, line, notice


def request(id, method, params=None):
    message = {"jsonrpc": "2.0", "id": id, "method": method}
    return message if params is None else {**message, "params": params}


def notification(method, params=None):
    message = {"jsonrpc": "2.0", "method": method}
    return message if params is None else {**message, "params": params}


def answer_to(store, *lines):
    """The one line that these lines are answered with."""
    (answer,) = run(b"".join(text if isinstance(text, bytes) else line(text) for text in lines), store).lines
    return answer


def shapes(batch):
    """Ids and codes, in an order of their own: that of a batch's answers is free."""
    assert isinstance(batch, list)
    return sorted((str(answer["id"]), answer.get("error", {}).get("code", 0)) for answer in batch)


def test_an_empty_batch_is_one_invalid_request(store):
    answer = answer_to(store, [])
    assert (answer["id"], answer["error"]["code"]) == (None, -32600)


@pytest.mark.parametrize("batch", [[1], [1, 2, 3], [None, "x", True], [[]], [[request(1, "ping")]], [{}]])
def test_each_member_that_is_no_request_is_answered(store, batch):
    assert shapes(answer_to(store, batch)) == [("None", -32600)] * len(batch)


def test_a_batch_of_one(store):
    assert answer_to(store, [request("a", "ping")]) == [{"jsonrpc": "2.0", "id": "a", "result": {}}]


def test_notifications_alone_get_no_answer(store):
    start = notification("conversation/start", {"conversationId": "c"})
    batch = [start, notification("none"), notification("ping")]
    answer = answer_to(store, batch, call(1, "conversation/get", {"conversationId": "c"}))
    assert answer["result"]["conversation"]["id"] == "c"


def test_a_batch_of_everything(store):
    batch = [
        request("1", "ping"),
        notification("ping"),
        request("2", "no/such"),
        {"foo": "boo"},
        request("5", "ping", {"x": 1}),
        request("9", "agent/list"),
        {"jsonrpc": "2.0", "id": "a", "result": 1},
        request([], "ping"),
        request(None, "ping"),
    ]
    expected = [("1", 0), ("2", -32601), ("5", -32602), ("9", 0), ("None", -32600), ("None", -32600), ("None", 0)]
    assert shapes(answer_to(store, batch)) == expected


def test_members_run_in_their_order(store):
    """As if they had come one a line: each one finds what those before it did."""
    batch = [
        request(1, "conversation/start", {"conversationId": "c"}),
        request(2, "conversation/send", {"conversationId": "c", "content": "hello"}),
        request(3, "conversation/history", {"conversationId": "c"}),
        request(4, "conversation/end", {"conversationId": "c"}),
        request(5, "conversation/send", {"conversationId": "c", "content": "too late"}),
    ]
    answers = {answer["id"]: answer for answer in answer_to(store, batch)}
    assert [message["content"] for message in answers[3]["result"]["messages"]] == ["hello", "You said: hello"]
    assert answers[5]["error"]["data"]["kind"] == "conversationEnded"


def test_ids_that_come_twice_are_answered_twice(store):
    assert shapes(answer_to(store, [request(1, "ping"), request(1, "none")])) == [("1", -32601), ("1", 0)]


def test_a_thousand_members_are_taken_and_one_more_is_not(store):
    assert shapes(answer_to(store, [request(n, "ping") for n in range(1000)])) == sorted((str(n), 0) for n in range(1000))
    answer = answer_to(store, [request(n, "ping") for n in range(1001)])
    assert (answer["id"], answer["error"]["code"]) == (None, -32600)


def test_too_many_members_do_nothing(store):
    start = notification("conversation/start", {"conversationId": "c"})
    refusal, get = run(line([start] * 1001) + call(1, "conversation/get", {"conversationId": "c"}), store).lines
    assert refusal["error"]["code"] == -32600
    assert get["error"]["data"]["kind"] == "conversationNotFound"


def test_a_batch_holds_back_no_line_behind_it(demo):
    """A member that takes long keeps its own batch, and nothing else, waiting."""
    demo.start(conversationId="c")
    hold = request("hold", "conversation/send", {"conversationId": "c", "content": "hold"})
    demo.send_raw(line([request("quick", "ping"), hold]))
    assert demo.request("ping") == {}
    demo.send_raw(notice("$/cancelRequest", {"id": "hold"}))
    assert shapes(demo.next()) == [("hold", -32800), ("quick", 0)]


def test_a_member_can_cancel_another(demo):
    demo.start(conversationId="c")
    hold = request("hold", "conversation/send", {"conversationId": "c", "content": "hold"})
    demo.send_raw(line([hold, notification("$/cancelRequest", {"id": "hold"}), request("behind", "ping")]))
    assert shapes(demo.next()) == [("behind", 0), ("hold", -32800)]
