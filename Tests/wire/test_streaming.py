"""Who asks for a stream is told how the turn goes while it goes. The plugins here work step by step, as tests say."""

import contract
import pytest
from messages import call, line, notice
from plugin_kit import do, serve, stage  # noqa: F401
from streams import Stream, finished

HELLO = do("delta Hel", "gate middle", "delta lo", "reply Hello")


@pytest.fixture
def host(stage, serve):
    return serve(stage.plugin())


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_pieces_come_while_the_agent_works(stage, serve, durability):
    host = serve(stage.plugin(), "--durability", durability)
    id = host.begin_send("c", HELLO, stream=True)
    first = host.wait_for("turn/delta", id)
    assert (first["offset"], first["kind"], first["text"]) == (0, "text", "Hel")
    stage.at("middle")
    assert Stream(host.told(id)).end is None
    stage.open("middle")
    stream = finished(host, id)
    sent = stream.answer["result"]
    assert stream.states == ["running"]
    assert (stream.conversation, stream.turn) == ("c", sent["turnId"])
    assert stream.starts[0]["messageId"] == sent["message"]["id"]
    assert (stream.outcome, stream.text(), stream.end["message"]["content"]) == ("completed", "Hello", "Hello")
    assert [piece["text"] for piece in stream.pieces] == ["Hel", "lo"]


def test_the_message_is_stored_when_its_turn_runs(stage, host):
    id = host.begin_send("c", HELLO, stream=True)
    start = host.wait_for("turn/started", id)
    (message,) = host.history("c")["messages"]
    assert (start["messageId"], start["turnId"]) == (message["id"], message["turnId"])
    assert contract.check_file(host.file("c"))[1]["id"] == message["id"]
    stage.open("middle")
    assert finished(host, id).end["message"] == host.history("c")["messages"][-1]


def test_each_kind_of_piece_counts_its_own_bytes(host):
    prompt = do("thought Hm… é", "delta ü", "tool search", "delta b😀", "thought ah", "delta !", "reply üb😀!")
    stream = finished(host, host.begin_send("c", prompt, stream=True))
    assert [(piece["kind"], piece["offset"], piece["text"]) for piece in stream.pieces] == [
        ("thought", 0, "Hm… é"),
        ("text", 0, "ü"),
        ("tool", 0, "search"),
        ("text", 2, "b😀"),
        ("thought", 8, "ah"),
        ("text", 7, "!"),
    ]
    assert stream.end["message"]["content"] == "üb😀!"
    assert host.history("c")["messages"][-1]["content"] == "üb😀!"


@pytest.mark.parametrize("id", [7, "7", "", 1.5, 'a"\n', None])
def test_the_requests_id_comes_back_as_it_was(host, id):
    host.send_raw(call(id, "conversation/send", {"conversationId": "c", "content": "a", "stream": True}))
    stream = finished(host, id)
    assert stream.text() == "Heard: a"
    assert type(stream.end["requestId"]) is type(id)


def test_a_notification_is_told_of_without_an_id(host):
    """It is never answered, and its turn can be followed all the same."""
    host.send_raw(notice("conversation/send", {"conversationId": "c", "content": "a", "stream": True}))
    host.wait_for("turn/ended")
    stream = Stream(host.told())
    assert (stream.text(), stream.outcome) == ("Heard: a", "completed")
    assert "requestId" not in stream.starts[0]


def test_a_turn_that_waits_is_told_of_twice(stage, host):
    first = host.begin_send("c", do("gate first", "reply one"))
    stage.at("first")
    id = host.begin_send("c", "two", stream=True)
    queued = host.wait_for("turn/started", id)
    assert queued["state"] == "queued"
    assert host.history("c")["total"] == 1
    stage.open("first")
    assert host.expect(first)["reply"]["content"] == "one"
    stream = finished(host, id)
    assert stream.states == ["queued", "running"]
    message = stream.answer["result"]["message"]
    assert [start["messageId"] for start in stream.starts] == [message["id"]] * 2


@pytest.mark.parametrize("busy", [False, True])
def test_without_waiting_the_rest_follows_behind_the_answer(stage, host, busy):
    if busy:
        host.begin_send("c", do("gate first", "reply one"))
        stage.at("first")
    id = host.begin_send("c", HELLO, stream=True, wait=False)
    if busy:
        host.wait_for("turn/started", id)
        stage.open("first")
    sent = host.expect(id)
    assert "reply" not in sent
    stage.open("middle")
    ended = host.wait_for("turn/ended", id)
    stream = Stream(host.told(id), waits=False)
    assert stream.states == (["queued", "running"] if busy else ["running"])
    assert (stream.turn, stream.text(), ended["outcome"]) == (sent["turnId"], "Hello", "completed")
    assert ended["message"] == host.history("c")["messages"][-1]


def test_a_retry(stage, host):
    first = host.send("c", "a")
    id = host.begin("turn/retry", {"conversationId": "c", "stream": True})
    stream = finished(host, id)
    assert stream.states == ["running"]
    assert stream.starts[0]["messageId"] == first["message"]["id"]
    assert (stream.text(), stream.outcome) == ("Heard: a", "completed")
    assert stream.turn == stream.answer["result"]["turnId"] != first["turnId"]
    assert stream.end["message"]["id"] != first["reply"]["id"]


def test_a_retry_that_waits(stage, host):
    """Which message it is about is known when its turn comes."""
    host.begin_send("c", do("gate first", "reply one"))
    stage.at("first")
    id = host.begin("turn/retry", {"conversationId": "c", "stream": True})
    queued = host.wait_for("turn/started", id)
    assert queued["state"] == "queued" and "messageId" not in queued
    stage.open("first")
    stage.open("first")
    stream = finished(host, id)
    assert stream.starts[1]["messageId"] == host.history("c")["messages"][0]["id"]
    assert stream.text() == "one"


def test_an_edit(host):
    first = host.send("c", "a")["message"]["id"]
    stream = finished(host, host.begin_send("c", "b", replaces=first, stream=True))
    assert (stream.text(), stream.outcome) == ("Heard: b", "completed")
    assert [message["content"] for message in host.history("c")["messages"]] == ["b", "Heard: b"]


@pytest.mark.parametrize("agent", ["steered", "echo"])
def test_a_reply_that_came_whole_is_one_piece(host, agent):
    host.start(conversationId="d", agentId=agent)
    stream = finished(host, host.begin_send("d", "é" * 5_000, stream=True))
    (piece,) = stream.pieces
    assert piece["text"] == stream.end["message"]["content"] == stream.answer["result"]["reply"]["content"]


def test_an_empty_reply(host):
    stream = finished(host, host.begin_send("c", do("reply "), stream=True))
    assert (stream.pieces, stream.end["message"]["content"]) == ([], "")


def test_what_the_agent_ends_with_is_what_holds(host):
    stream = finished(host, host.begin_send("c", do("delta I thi", "delta nk", "reply No."), stream=True))
    assert stream.text() == "I think"
    assert stream.end["message"]["content"] == host.history("c")["messages"][-1]["content"] == "No."


def test_the_rest_of_a_reply_that_came_in_pieces_at_first(host):
    """The pieces add up to what is stored, though the agent sent the end of it with its answer only."""
    stream = finished(host, host.begin_send("c", do("delta Hel", "reply Hello"), stream=True))
    assert stream.text() == stream.end["message"]["content"] == "Hello"


@pytest.mark.parametrize("first_streams", [False, True])
def test_who_joins_a_turn_gets_the_text_so_far(stage, host, first_streams):
    first = host.begin_send("c", HELLO, idempotencyKey="k", stream=first_streams)
    stage.at("middle")
    id = host.begin_send("c", HELLO, idempotencyKey="k", stream=True)
    piece = host.wait_for("turn/delta", id)
    assert (piece["offset"], piece["text"]) == (0, "Hel")
    stage.open("middle")
    stream, done = finished(host, id), host.expect(first)
    assert (stream.text(), stream.outcome) == ("Hello", "completed")
    assert stream.answer["result"] == done
    assert len(host.told(first)) == (5 if first_streams else 1)
    assert host.history("c")["total"] == 2


def test_who_joins_behind_the_first_piece_misses_none(stage, host):
    """The text so far is one piece, whatever it was made of."""
    prompt = do("thought a", "delta b", "thought c", "delta d", "gate middle", "reply bd")
    first = host.begin_send("c", prompt, idempotencyKey="k", stream=True)
    host.wait_for_text("bd", first)
    id = host.begin_send("c", prompt, idempotencyKey="k", stream=True)
    host.wait_for_text("bd", id)
    stage.open("middle")
    (piece,) = [piece for piece in finished(host, id).pieces if piece["kind"] == "text"]
    assert (piece["offset"], piece["text"]) == (0, "bd")


def test_who_joins_a_turn_that_waits_waits_too(stage, host):
    host.begin_send("c", do("gate first", "reply one"))
    stage.at("first")
    first = host.begin_send("c", HELLO, idempotencyKey="k", stream=True)
    joined = host.begin_send("c", HELLO, idempotencyKey="k", stream=True)
    assert host.wait_for("turn/started", joined)["state"] == "queued"
    stage.open("first")
    stage.open("middle")
    streams = [finished(host, id) for id in (first, joined)]
    assert [(stream.states, stream.text()) for stream in streams] == [(["queued", "running"], "Hello")] * 2
    assert streams[0].turn == streams[1].turn
    assert host.history("c")["total"] == 4


def test_turns_of_two_conversations_interleave(stage, host):
    host.start(conversationId="d")
    one = host.begin_send("c", do("delta 1", "gate one", "delta 2", "gate one", "reply 12"), stream=True)
    two = host.begin_send("d", do("delta x", "gate two", "delta y", "gate two", "reply xy"), stream=True)
    for gate, id, text in (("one", one, "1"), ("two", two, "x"), ("two", two, "xy"), ("one", one, "12")):
        host.wait_for_text(text, id)
        stage.open(gate)
    assert [finished(host, id).text() for id in (one, two)] == ["12", "xy"]
    assert {finished(host, id).conversation for id in (one, two)} == {"c", "d"}


@pytest.mark.parametrize("params", [{}, {"stream": False}])
def test_who_asks_for_no_stream_gets_answers_only(stage, host, params):
    other = host.begin_send("c", HELLO, **params)
    stage.open("middle")
    assert host.expect(other)["reply"]["content"] == "Hello"
    host.request("turn/retry", {"conversationId": "c", "agentId": "echo", **params})
    host.request("agent/execute", {"prompt": do("delta a", "reply a"), **params})
    assert host.notifications == []


def test_without_a_turn_there_is_nothing_to_tell(host):
    host.send("c", "note", execute=False, stream=True)
    host.send("c", "note", role="system", stream=True)
    assert host.notifications == []


def test_a_batch_is_told_of_before_its_answers(host):
    host.start(conversationId="d")
    batch = [
        contract.parse(call(id, "conversation/send", {"conversationId": id, "content": id, "stream": True})) for id in "cd"
    ]
    host.send_raw(line(batch))
    assert len(host.next()) == 2
    for id in "cd":
        assert Stream(host.told(id)).text() == f"Heard: {id}"


def test_in_order(stage, serve):
    """Pieces don't wait for the requests before theirs to be taken: there are none left."""
    host = serve(stage.plugin(), "--in-order")
    first, second = (host.begin_send("c", HELLO, stream=True) for _ in range(2))
    for id in (first, second):
        assert host.wait_for("turn/delta", id)["text"] == "Hel"
        stage.open("middle")
        assert finished(host, id).states == ["running"]


# Outside of conversations


def test_an_execution(stage, host):
    prompt = do("thought hm", "delta Hé", "gate middle", "delta llo", "reply Héllo")
    id = host.begin("agent/execute", {"prompt": prompt, "stream": True})
    host.wait_for_text("Hé", id)
    stage.open("middle")
    assert host.expect(id)["response"] == "Héllo"
    told = host.told(id)
    assert [what for what, _ in told] == ["agent/delta"] * 3 + ["answer"]
    assert [(piece["kind"], piece["offset"], piece["text"]) for _, piece in told[:3]] == [
        ("thought", 0, "hm"),
        ("text", 0, "Hé"),
        ("text", 3, "llo"),
    ]


@pytest.mark.parametrize("agent", ["steered", "echo"])
def test_an_execution_that_came_whole(host, agent):
    id = host.begin("agent/execute", {"agentId": agent, "prompt": "a", "stream": True})
    response = host.expect(id)["response"]
    assert [piece["text"] for what, piece in host.told(id) if what == "agent/delta"] == [response]


@pytest.mark.parametrize("method", ["conversation/send", "turn/retry", "agent/execute"])
def test_what_is_no_yes_or_no(host, method):
    params = {"conversation/send": {"content": "a"}, "turn/retry": {}, "agent/execute": {"prompt": "a"}}[method]
    if method != "agent/execute":
        params["conversationId"] = "c"
    answer = host.answer(host.begin(method, {**params, "stream": "yes"}))
    assert (answer["error"]["data"]["kind"], answer["error"]["data"]["path"]) == ("invalidParams", "stream")
    assert host.history("c")["total"] == 0
