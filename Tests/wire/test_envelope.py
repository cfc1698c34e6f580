"""JSON-RPC 2.0 itself: what a request is, what gets no answer, and how batches are answered."""

import pytest
from host import run
from messages import call, line, notice


def answers(store, *messages):
    """The parsed answers to these lines, in order."""
    return run(b"".join(text if isinstance(text, bytes) else line(text) for text in messages), store).lines


def shapes(parsed):
    """What is looked at here, of an answer or of a batch of them: its id, and its code or the fact that it has none."""
    if isinstance(parsed, list):
        return [shapes(answer) for answer in parsed]
    return parsed["id"], parsed.get("error", {}).get("code")


INVALID = (None, -32600)


@pytest.mark.parametrize("text", ["{}", "null", "true", "1", "-0.5", '"ping"', '{"foo":"boo"}', '{"jsonrpc":"2.0"}'])
def test_json_that_is_no_request(store, text):
    assert [shapes(answer) for answer in answers(store, f"{text}\n".encode())] == [INVALID]


IDS = [
    '""', '"1"', '"a b"', '"\\"\\\\\\n\\u0000"', '"e\u0301"', '"\u00e9"', "null", "0", "-7", "9223372036854775807",
    "1.5", "1.0", "1e+22",
]  # fmt: skip


@pytest.mark.parametrize("id", IDS)
def test_an_id_comes_back_as_it_came(store, id):
    """With a result and with an error. A request whose id is null is a request."""
    for method, member in (("ping", '"result":{}'), ("none", '"error":{')):
        raw = run(f'{{"jsonrpc":"2.0","id":{id},"method":"{method}"}}\n'.encode(), store).raw
        assert raw.startswith(f'{{"jsonrpc":"2.0","id":{id},{member}'.encode())


@pytest.mark.parametrize("id", [True, False, {}, {"a": 1}, [], [1]])
def test_an_id_of_another_kind_is_refused(store, id):
    assert [shapes(answer) for answer in answers(store, call(id, "ping"))] == [INVALID]


def test_requests_under_one_id_are_all_answered(store):
    assert [shapes(answer) for answer in answers(store, *[call(7, "ping")] * 3)] == [(7, None)] * 3


@pytest.mark.parametrize("version", [None, "1.0", "2", 2.0, 2, "2.0 ", "", ["2.0"]])
def test_another_version_is_refused(store, version):
    message = {"jsonrpc": version, "id": 4, "method": "ping"}
    assert [shapes(answer) for answer in answers(store, message)] == [(4, -32600)]


def test_no_version_is_refused(store):
    assert [shapes(answer) for answer in answers(store, {"id": 4, "method": "ping"})] == [(4, -32600)]


@pytest.mark.parametrize("method", [1, None, True, [], {}, ["ping"]])
def test_a_method_that_is_no_string_is_refused(store, method):
    message = {"jsonrpc": "2.0", "id": "m", "method": method}
    assert [shapes(answer) for answer in answers(store, message)] == [("m", -32600)]


def test_the_refusals_that_the_specification_shows(store):
    assert [shapes(answer) for answer in answers(store, {"jsonrpc": "2.0", "method": 1, "params": "bar"})] == [INVALID]
    broken = b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]\n'
    assert [shapes(answer) for answer in answers(store, broken)] == [(None, -32700)]
    broken = b'[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]\n'
    assert [shapes(answer) for answer in answers(store, broken)] == [(None, -32700)]


def test_names_of_members_are_case_sensitive_and_unknown_ones_are_ignored(store):
    for name in ("Method", "METHOD", "method "):
        assert [shapes(answer) for answer in answers(store, {"jsonrpc": "2.0", "id": 1, name: "ping"})] == [(1, -32600)]
    assert answers(store, {"jsonrpc": "2.0", "ID": 1, "method": "ping"}) == []
    more = {"jsonrpc": "2.0", "id": 1, "method": "ping", "Params": 1, "trace": {"a": [1]}, "": 0}
    assert [shapes(answer) for answer in answers(store, more)] == [(1, None)]


@pytest.mark.parametrize("params", [1, "x", True, 0.5])
def test_params_that_are_a_scalar_are_no_request(store, params):
    assert [shapes(answer) for answer in answers(store, call(1, "ping", params))] == [(1, -32600)]


def test_params_by_position_are_refused_unless_there_are_none(store):
    answer = answers(store, call(1, "ping", [1]))[0]
    assert (shapes(answer), answer["error"]["data"]["kind"]) == ((1, -32602), "invalidParams")
    for none in (None, [], {}, {"_meta": {"progressToken": 1}}):
        message = {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": none}
        assert [shapes(answer) for answer in answers(store, message)] == [(1, None)]


# Answers that arrive


@pytest.mark.parametrize(
    "answer",
    [
        {"jsonrpc": "2.0", "id": 1, "result": {}},
        {"jsonrpc": "2.0", "id": 1, "result": None},
        {"jsonrpc": "2.0", "id": "x", "error": {"code": -32700, "message": "Parse error"}},
        {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}},
        {"jsonrpc": "2.0", "id": {}, "result": 1},
        {"id": 1, "result": 1},
    ],
)
def test_an_answer_to_nothing_is_dropped(store, answer):
    assert [shapes(each) for each in answers(store, answer, [answer, answer], call(9, "ping"))] == [(9, None)]


def test_request_and_answer_in_one_is_refused(store):
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping", "result": 1}
    assert [shapes(answer) for answer in answers(store, message)] == [(1, -32600)]


# Notifications


def test_notifications_are_never_answered(store):
    """Whatever is wrong with them. That something is wrong goes to stderr."""
    wrong = [notice("ping", {"x": 1}), notice("ping", [1]), notice("no/such"), notice("$/progress", {"token": 1})]
    wrong += [notice("conversation/get", {"conversationId": "none"}), notice("$/cancelRequest", {"id": 99})]
    done = run(b"".join(wrong) + call(1, "ping"), store)
    assert [shapes(answer) for answer in done.lines] == [(1, None)]
    assert "no/such" in done.stderr


def test_a_notification_takes_effect(store):
    start = notice("conversation/start", {"conversationId": "quiet"})
    get = call(1, "conversation/get", {"conversationId": "quiet"})
    assert [shapes(answer) for answer in answers(store, start, get)] == [(1, None)]
