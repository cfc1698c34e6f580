"""`parley-agent-http` and servers that don't know when to stop: a host takes no line of more than 16 MiB."""

import pytest
from agent_http import APIS, STREAMED, asked, refused
from model_replies import chat_whole, chunk, execution, message_start, text_block, whole
from model_server import Gate, Reply

MEBIBYTE = 1 << 20


def endless(api, piece, count):
    """The beginning of a reply that has more pieces than anybody wants."""
    if api == "openai":
        return [chunk({"content": piece})] * count
    start, delta, _ = text_block(0, piece)
    return [message_start(), start, *([delta] * count)]


@pytest.mark.parametrize("api", STREAMED)
def test_a_reply_just_below(tmp_path, api):
    pieces = ["x" * MEBIBYTE] * 15 + ["x" * (MEBIBYTE - 500)]
    with asked(tmp_path, api, whole(api, *pieces)) as (_, agent):
        assert agent.execute()["response"] == "".join(pieces)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(("letter", "count"), [("\n", 9), ("\1", 3)], ids=["line ends", "control characters"])
def test_a_reply_that_grows_when_it_is_written(tmp_path, api, letter, count):
    """What takes 9 MiB by itself, or 3, takes 18 as a line."""
    with asked(tmp_path, api, whole(api, *[letter * MEBIBYTE] * count)) as (server, agent):
        assert "16 MiB" in refused(agent).text
        server.answer(whole(api, "Hi"))
        assert agent.execute()["response"] == "Hi"


@pytest.mark.parametrize("api", STREAMED)
def test_a_reply_that_never_ends(tmp_path, api):
    """It is left: the connection is closed, and no more than a reply may have was told."""
    reply = Reply(*endless(api, "x" * MEBIBYTE, 17), Gate())
    with asked(tmp_path, api, reply) as (server, agent):
        id = agent.begin_execute()
        server.request(0).wait_closed()
        error = failure(agent, id)
        assert "16 MiB" in error.text
        assert len(agent.text(id)) <= 16 * MEBIBYTE
        server.answer(whole(api, "Hi"))
        assert agent.execute()["response"] == "Hi"
        assert len(server.requests) == 2


def failure(agent, id):
    with pytest.raises(Exception) as caught:
        agent.expect(id)
    assert caught.value.kind not in ("unavailable", "timeout")
    return caught.value


TOO_LONG = {
    "a line": ("openai", Reply(*[b"data: " + b"x" * MEBIBYTE] * 17, Gate())),
    "a line of a comment": ("openai", Reply(b":", *[b"x" * MEBIBYTE] * 17, Gate())),
    "an event of many lines": ("anthropic", Reply(*[b"data: " + b"x" * 1000 + b"\n"] * 17_000, Gate())),
    "thoughts": ("openai", Reply(*[chunk({"reasoning_content": "x" * MEBIBYTE})] * 17, Gate())),
    "a whole": ("openai", Reply.json(chat_whole("x" * 17 * MEBIBYTE))),
    "an answer": ("llm-crafter", Reply.json(execution("x" * 17 * MEBIBYTE))),
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_whatever_is_too_long(tmp_path, name):
    api, reply = TOO_LONG[name]
    with asked(tmp_path, api, reply) as (server, agent):
        error = refused(agent)
        assert error.kind not in ("unavailable", "timeout") and "16 MiB" in error.text
        server.answer(whole(api, "Hi"))
        assert agent.execute()["response"] == "Hi"
        assert agent.peak_memory() < 400 * MEBIBYTE


@pytest.mark.parametrize("api", APIS)
def test_a_page_that_never_ends(tmp_path, api):
    with asked(tmp_path, api, Reply(*[b"x" * MEBIBYTE] * 17, Gate(), type="text/html")) as (server, agent):
        assert len(refused(agent).text) < 20_000
        server.request(0).wait_closed()


@pytest.mark.parametrize("api", ["openai", "llm-crafter"])
def test_an_error_that_never_ends(tmp_path, api):
    """Its beginning is told, and nobody waits for the rest."""
    reply = Reply(b'{"error": "', *[b"Out of memory. " * 10_000] * 200, Gate(), status=400, type="application/json")
    with asked(tmp_path, api, reply) as (server, agent):
        error = refused(agent)
        assert "400" in error.text and len(error.text) < 20_000
        server.request(0).wait_closed()


def test_many_pieces(tmp_path):
    """A hundred thousand of them, as fast as the server can."""
    with asked(tmp_path, "openai", whole("openai", *(f"{number} " for number in range(100_000)))) as (_, agent):
        id = agent.begin_execute()
        assert agent.expect(id)["response"] == agent.text(id) == "".join(f"{number} " for number in range(100_000))


def test_a_long_question(tmp_path):
    with asked(tmp_path, "openai", whole("openai", "Hi")) as (server, agent):
        agent.execute("ü" * 2 * MEBIBYTE)
        assert server.request(0).json["messages"][0]["content"] == "ü" * 2 * MEBIBYTE
