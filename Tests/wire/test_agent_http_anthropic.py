"""`parley-agent-http` with a server of Anthropic's messages."""

import pytest
from agent_http import KEY, PluginError, asked, refused
from model_replies import block, event, message, message_end, message_events, message_start, refusal, text_block
from model_server import CUT, Gate, Reply
from test_agent_http_openai import SAID, framed


def test_what_is_asked(tmp_path):
    parameters = {"temperature": 0.25, "thinking": {"type": "enabled", "budget_tokens": 2000}}
    with asked(tmp_path, "anthropic", message("Hi"), parameters=parameters) as (server, agent):
        messages = [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b\n\u2028\0é😀"},
            {"role": "user", "content": "Hello"},
        ]
        assert agent.execute(messages=messages, instructions="Be kind.")["response"] == "Hi"
        request = server.request(0)
        assert (request.method, request.path) == ("POST", "/v1/messages")
        assert (request.headers["x-api-key"], request.headers["anthropic-version"]) == (KEY, "2023-06-01")
        assert "authorization" not in request.headers
        assert request.headers["content-type"].split(";")[0] == "application/json"
        body = request.json
        assert (body["model"], body["stream"], body["max_tokens"]) == ("m", True, 4096)
        assert body["messages"] == messages
        assert system(body) == "Be kind."
        assert {name: body[name] for name in parameters} == parameters


def system(body):
    """The instructions, as one text or as blocks of text."""
    told = body.get("system")
    return told if told is None or isinstance(told, str) else "".join(part["text"] for part in told)


def test_a_limit_of_ones_own(tmp_path):
    with asked(tmp_path, "anthropic", message("Hi"), parameters={"max_tokens": 10}) as (server, agent):
        agent.execute()
        assert server.request(0).json["max_tokens"] == 10


def test_system_messages(tmp_path):
    """This server takes none among the others."""
    with asked(tmp_path, "anthropic", message("Hi")) as (server, agent):
        messages = [
            {"role": "system", "content": "One."},
            {"role": "user", "content": "a"},
            {"role": "system", "content": "Two."},
            {"role": "user", "content": "Hello"},
        ]
        agent.execute(messages=messages, instructions="Be kind.")
        agent.execute(messages=messages)
        first, second = [request.json for request in server.requests]
        assert all(said["role"] != "system" for said in first["messages"])
        places = [system(first).find(words) for words in ("Be kind.", "One.", "Two.")]
        assert places == sorted(places) and -1 not in places
        assert "Be kind." not in system(second) and "One." in system(second)
        assert spoken(first["messages"]) == [("user", "aHello")]


def spoken(messages):
    """What each said in turn, [(role, text)], whether or not what one says behind the other is one message."""
    turns = []
    for said in messages:
        content = said["content"]
        text = content if isinstance(content, str) else "".join(part["text"] for part in content)
        if turns and turns[-1][0] == said["role"]:
            turns[-1] = (said["role"], turns[-1][1] + text.strip("\n"))
        else:
            turns.append((said["role"], text))
    return [(role, text.replace("\n", "")) for role, text in turns]


def test_without_instructions_there_is_no_system(tmp_path):
    with asked(tmp_path, "anthropic", message("Hi")) as (server, agent):
        agent.execute("Hello")
        assert "system" not in server.request(0).json


def test_a_prompt_that_is_no_message_yet(tmp_path):
    with asked(tmp_path, "anthropic", message("Hi")) as (server, agent):
        agent.execute("Hello", messages=[])
        assert server.request(0).json["messages"] == [{"role": "user", "content": "Hello"}]


def test_a_conversation_that_an_assistant_begins(tmp_path):
    """A welcome, say. This server wants a user's message first."""
    with asked(tmp_path, "anthropic", message("Hi")) as (server, agent):
        messages = [{"role": "assistant", "content": "Welcome!"}, {"role": "user", "content": "Hello"}]
        agent.execute(messages=messages)
        sent = spoken(server.request(0).json["messages"])
        assert (sent[0][0], sent[-1][0]) == ("user", "user")
        assert sent[-1][1].endswith("Hello")


def test_a_reply_comes_in_pieces(tmp_path):
    """Each is told as soon as it is there."""
    first, end = Gate(), Gate()
    start, ping, begin, hel, lo, *rest = message_events("Hel", "lo")
    with asked(tmp_path, "anthropic", Reply(start, ping, begin, hel, first, lo, end, *rest)) as (_, agent):
        id = agent.begin_execute()
        assert agent.text(id, "Hel") == "Hel"
        first.open()
        assert agent.text(id, "Hello") == "Hello"
        assert not agent.has_answered(id)
        end.open()
        assert agent.expect(id)["response"] == "Hello"


FRAMED = list(framed(message_events(*SAID)))


@pytest.mark.parametrize("reply", [reply for _, reply in FRAMED], ids=[name for name, _ in FRAMED])
def test_however_it_is_cut_and_framed(tmp_path, reply):
    with asked(tmp_path, "anthropic", reply) as (server, agent):
        id = agent.begin_execute()
        done = agent.expect(id)
        assert done["response"] == agent.text(id) == "".join(SAID)
        assert done["metadata"]["usage"] == {"input_tokens": 7, "output_tokens": 5}
        assert len(server.requests) == 1


def test_nothing_is_waited_for_behind_the_end(tmp_path):
    with asked(tmp_path, "anthropic", Reply(*message_events("Hi"), Gate())) as (_, agent):
        assert agent.execute()["response"] == "Hi"


def test_all_kinds_of_blocks(tmp_path):
    """Thoughts and tools are told as such; the reply is the text of all its blocks."""
    search = {"type": "tool_use", "id": "t1", "name": "search", "input": {}}
    pieces = [{"type": "input_json_delta", "partial_json": part} for part in ("", '{"q":', '"x"}')]
    looked = {"type": "web_search_tool_result", "tool_use_id": "t2", "content": []}
    thoughts = [{"type": "thinking_delta", "thinking": part} for part in ("Hm, ", "well.")]
    events = [
        message_start(),
        *block(0, {"type": "thinking", "thinking": ""}, *thoughts, {"type": "signature_delta", "signature": "xyz"}),
        *block(1, {"type": "redacted_thinking", "data": "xyz"}),
        *text_block(2, "Let me ", "see."),
        *block(3, search, *pieces),
        *block(4, {"type": "server_tool_use", "id": "t2", "name": "web_search", "input": {}}, *pieces),
        *block(5, looked),
        *block(6, {**search, "id": "t3"}, *pieces),
        *block(7, {"type": "what_comes_next_year"}, {"type": "next_delta", "next": 1}),
        event("next_event", next=1),
        *text_block(8, " Yes."),
        *message_end(),
    ]
    with asked(tmp_path, "anthropic", Reply(*events)) as (_, agent):
        id = agent.begin_execute()
        done = agent.expect(id)
        assert done["response"] == agent.text(id) == "Let me see. Yes."
        assert done["metadata"]["tools_used"] == ["search", "web_search"]
        assert "".join(text for kind, text in agent.pieces(id) if kind == "thought") == "Hm, well."


def test_what_was_used(tmp_path):
    """What came from a cache, or went into one, is part of what went in."""
    cached = message_start(7, cache_creation_input_tokens=20, cache_read_input_tokens=100)
    replies = [
        Reply(message_start(7), *text_block(0, "a"), *message_end(5)),
        Reply(cached, *text_block(0, "a"), *message_end(5)),
    ]
    with asked(tmp_path, "anthropic", *replies) as (_, agent):
        assert agent.execute()["metadata"]["usage"] == {"input_tokens": 7, "output_tokens": 5}
        assert agent.execute()["metadata"]["usage"] == {"input_tokens": 127, "output_tokens": 5, "cached_tokens": 100}


def test_a_server_that_does_not_stream(tmp_path):
    content = [
        {"type": "thinking", "thinking": "Hm.", "signature": "x"},
        {"type": "text", "text": "Hël"},
        {"type": "tool_use", "id": "t", "name": "search", "input": {}},
        {"type": "text", "text": "lo"},
    ]
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content}
    whole |= {"stop_reason": "end_turn", "usage": {"input_tokens": 7, "output_tokens": 5}}
    with asked(tmp_path, "anthropic", Reply.json(whole)) as (_, agent):
        done = agent.execute()
        assert done["response"] == "Hëllo"
        assert done["metadata"]["usage"] == {"input_tokens": 7, "output_tokens": 5}
        assert done["metadata"]["tools_used"] == ["search"]


OVERLOADED = event("error", error={"type": "overloaded_error", "message": "Overloaded, they say."})

FAULTS = {
    "status 400": (refusal(400, "max_tokens: too many"), ["400", "max_tokens: too many"]),
    "status 404": (refusal(404, "model: m"), ["404", "model: m"]),
    "a page as a reply": (Reply(b"<!DOCTYPE html><html>Log in</html>", type="text/html"), []),
    "nothing": (Reply(), []),
    "no JSON": (Reply(b"event: message_start\ndata: {what?\n\n"), []),
    "other types": (Reply(event("content_block_delta", index=0, delta=7), event("content_block_start")), []),
    "an error as a whole": (Reply.json({"type": "error", "error": {"message": "Out of memory."}}), ["Out of memory."]),
    "an empty whole": (Reply.json({}), []),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_server_does_wrong(tmp_path, name):
    reply, said = FAULTS[name]
    with asked(tmp_path, "anthropic", reply) as (server, agent):
        error = refused(agent)
        assert error.kind not in ("unavailable", "timeout"), error.text
        for words in said:
            assert words in error.text
        assert len(error.text) < 5_000 and "\n" not in error.message
        server.answer(message("Hi"))
        assert agent.execute()["response"] == "Hi"


BEGUN = {
    "cut": ([CUT], "chunked", []),
    "ended": ([], "chunked", []),
    "ended with the connection": ([], "close", []),
    "an error": ([OVERLOADED], "chunked", ["Overloaded, they say."]),
    "no JSON": ([b"event: ping\ndata: {what?\n\n"], "chunked", []),
}


@pytest.mark.parametrize("name", BEGUN)
def test_a_reply_that_breaks_off(tmp_path, name):
    """What had come was told, half a reply is none, and it isn't asked for twice."""
    parts, framing, said = BEGUN[name]
    gate = Gate()
    reply = Reply(*message_events("Hel", "lo")[:5], gate, *parts, framing=framing)
    with asked(tmp_path, "anthropic", reply, message("Hi")) as (server, agent):
        id = agent.begin_execute()
        assert agent.text(id, "Hello") == "Hello"
        gate.open()
        with pytest.raises(PluginError) as caught:
            agent.expect(id)
        for words in said:
            assert words in caught.value.text
        assert agent.text(id) == "Hello"
        assert agent.execute()["response"] == "Hi"
        assert len(server.requests) == 2


def test_without_a_key(tmp_path):
    with asked(tmp_path, "anthropic", message("Hi"), apiKey=None) as (server, agent):
        assert agent.execute()["response"] == "Hi"
        assert "x-api-key" not in server.request(0).headers
