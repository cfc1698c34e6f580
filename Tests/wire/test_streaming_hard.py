"""Streams where something is in the way: a client that doesn't read, a store that doesn't write, letters cut in two."""

import contract
import pytest
from messages import call
from plugin_kit import do, serve, stage  # noqa: F401
from streams import Stream, finished
from test_full_disk import free, limit_files

SEND = {"conversationId": "c", "stream": True}


def lines_read_late(stage, serve, prompt, *options, config=()):
    """What a client gets that begins to read when the agent is done; `prompt` ends with telling so."""
    host = serve(stage.plugin(), *options, reading=False, config=config)
    host.send_raw(call("start", "conversation/start", {"conversationId": "c"}))
    host.send_raw(call("send", "conversation/send", {**SEND, "content": prompt}))
    stage.wait(said="done")
    host.read()
    return host, finished(host, "send")


def test_who_reads_slowly_gets_fewer_and_longer_pieces(stage, serve):
    """Far more than the pipe holds, in small pieces: what has not gone out yet is put together."""
    count, size = 8_000, 500
    host, stream = lines_read_late(stage, serve, do(f"deltas {count} {size}", f"much {count * size}", "tell done"))
    assert stream.text() == "x" * (count * size)
    assert stream.end["message"]["content"] == stream.text()
    assert len(stream.pieces) < count / 4
    assert host.request("ping") == {}


def test_what_waits_is_put_together_within_its_kind(stage, serve):
    """The order of kinds is kept, and no kind loses a byte."""
    rounds = [step for number in range(300) for step in (f"thought {number} é" + "t" * 400, f"delta {number} ü" + "d" * 400)]
    steps = [*rounds, f"reply {''.join(step.partition(' ')[2] for step in rounds[1::2])}", "tell done"]
    _, stream = lines_read_late(stage, serve, do(*steps))
    assert stream.text("thought") == "".join(step.partition(" ")[2] for step in rounds[::2])
    assert stream.text() == stream.end["message"]["content"]


def test_a_client_that_never_reads_keeps_no_turn_from_its_end(stage, serve):
    host = serve(stage.plugin(), reading=False)
    host.send_raw(call("start", "conversation/start", {"conversationId": "c"}))
    prompt = do("deltas 5000 1000", "much 5000000", "tell done")
    host.send_raw(call("send", "conversation/send", {**SEND, "content": prompt}))
    stage.wait(said="done")
    # Only when it is stored does the next turn's request reach the plugin.
    host.send_raw(call("next", "conversation/send", {"conversationId": "c", "content": do("tell next", "reply b")}))
    stage.wait(said="next")
    reply = [event for event in contract.check_file(host.file("c")) if event.get("role") == "assistant"][0]
    assert reply["content"] == "x" * 5_000_000
    host.read()
    assert finished(host, "send").text() == reply["content"]


def test_memory_is_bounded_however_much_waits(stage, serve):
    """Each piece is its own line on the way out; what waits is text alone, so a hundred thousand of them weigh little."""
    host = serve(stage.plugin(), reading=False)
    host.send_raw(call("start", "conversation/start", {"conversationId": "c"}))
    host.send_raw(call("send", "conversation/send", {**SEND, "content": do("deltas 100000 40", "reply x", "tell done")}))
    stage.wait(said="done")
    host.read()
    assert finished(host, "send").text() == "x" * 4_000_000
    assert host.peak_memory() < 100 << 20


def test_letters_stay_whole(stage, serve):
    """However pieces are put together, none begins or ends within a letter."""
    letters = "aé€😀" * 60
    steps = [step for _ in range(400) for step in [f"delta {letters}"]]
    _, stream = lines_read_late(stage, serve, do(*steps, f"reply {letters * 400}", "tell done"))
    assert stream.text() == letters * 400
    assert "\ufffd" not in stream.text()


# A store that doesn't write


@pytest.fixture(params=["fsync", "os"])
def host(stage, serve, request):
    # Python ignores SIGXFSZ and the child inherits that, so a write past the limit fails instead of killing.
    return serve(stage.plugin(), "--durability", request.param, restore_signals=False)


def test_a_reply_that_does_not_fit(stage, host):
    """It is told as a failure, once; nobody is told of a reply that isn't there."""
    id = host.begin_send("c", do("delta Hel", "gate middle", f"reply Hello{'o' * 5000}"), stream=True)
    host.wait_for("turn/delta", id)
    stage.at("middle")
    limit_files(host, host.file("c").stat().st_size + 100)
    stage.open("middle")
    stream = finished(host, id)
    assert (stream.outcome, stream.end["error"]["data"]["kind"]) == ("failed", "storeFailed")
    assert stream.answer["error"]["data"]["kind"] == "storeFailed"
    free(host)
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
    assert len([what for what, _ in host.told(id) if what == "turn/ended"]) == 1


def test_a_reply_that_does_not_fit_and_nobody_waits(stage, host):
    id = host.begin_send("c", do("delta Hel", "gate middle", f"reply Hello{'o' * 5000}"), stream=True, wait=False)
    host.expect(id)
    stage.at("middle")
    limit_files(host, host.file("c").stat().st_size + 100)
    stage.open("middle")
    host.wait_for("turn/ended", id)
    stream = Stream(host.told(id), waits=False)
    assert (stream.outcome, stream.end["error"]["data"]["kind"]) == ("failed", "storeFailed")
    free(host)
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


def test_a_message_that_does_not_fit(host):
    """Its turn never ran, and that is all that is told."""
    limit_files(host, host.file("c").stat().st_size + 10)
    id = host.begin_send("c", "x" * 200, stream=True)
    assert host.answer(id)["error"]["data"]["kind"] == "storeFailed"
    told = [what for what, params in host.told(id) if params.get("state") != "queued"]
    assert told in (["answer"], ["turn/ended", "answer"])
    free(host)
    assert finished(host, host.begin_send("c", "a", stream=True)).outcome == "completed"


def test_a_message_that_does_not_fit_when_its_turn_comes(stage, host):
    """It goes with one write with the reply before it, so neither is stored."""
    first = host.begin_send("c", do("gate first", "reply one"))
    stage.at("first")
    id = host.begin_send("c", "x" * 5000, stream=True)
    assert host.wait_for("turn/started", id)["state"] == "queued"
    limit_files(host, host.file("c").stat().st_size + 4000)
    stage.open("first")
    stream = finished(host, id)
    assert (stream.states, stream.outcome) == (["queued"], "failed")
    assert stream.answer["error"]["data"]["kind"] == "storeFailed"
    assert "error" in host.answer(first)
    free(host)
    assert [message["role"] for message in host.history("c")["messages"]] == ["user"]
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
