"""`parley-agent-http` with a server of chat completions."""

import json

import pytest
from agent_http import KEY, AgentHTTP, PluginError, asked, refused, settings
from model_replies import DONE, USAGE, chat, chat_end, chat_events, chat_whole, chunk, data, refusal
from model_server import CUT, Gate, Reply


def test_what_is_asked(tmp_path):
    parameters = {"temperature": 0.25, "max_tokens": 100, "stop": ["\n"], "more": {"deep": [1, None]}}
    with asked(tmp_path, "openai", chat("Hi"), parameters=parameters) as (server, agent):
        messages = [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b\n\u2028\0é😀"},
            {"role": "system", "content": "c"},
            {"role": "user", "content": "Hello"},
        ]
        assert agent.execute(messages=messages, instructions="Be kind.")["response"] == "Hi"
        request = server.request(0)
        assert (request.method, request.path) == ("POST", "/v1/chat/completions")
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["content-type"].split(";")[0] == "application/json"
        body = request.json
        assert body["messages"] == [{"role": "system", "content": "Be kind."}, *messages]
        assert (body["model"], body["stream"]) == ("m", True)
        assert {name: body[name] for name in parameters} == parameters
        assert body["stream_options"] == {"include_usage": True}
        assert KEY not in request.body.decode()


def test_a_parameter_that_is_null(tmp_path):
    """It takes a member out, for servers that don't know it."""
    parameters = {"stream_options": None, "temperature": None, "stop": ["x"]}
    with asked(tmp_path, "openai", chat("Hi"), parameters=parameters) as (server, agent):
        agent.execute()
        assert set(server.request(0).json) == {"model", "messages", "stream", "stop"}


@pytest.mark.parametrize("base", ["/v1", "/v1/", "", "/a%20b/openai/v1"])
def test_where_it_is_asked(tmp_path, base):
    with asked(tmp_path, "openai", chat("Hi")) as (server, _):
        with AgentHTTP(tmp_path, settings("openai", "", baseUrl=server.url + base)) as agent:
            agent.execute()
        assert server.request(0).path == base.rstrip("/") + "/chat/completions"


def test_without_instructions_there_is_no_system_message(tmp_path):
    with asked(tmp_path, "openai", chat("Hi")) as (server, agent):
        agent.execute("Hello")
        assert server.request(0).json["messages"] == [{"role": "user", "content": "Hello"}]


def test_a_prompt_that_is_no_message_yet(tmp_path):
    """Outside of a conversation the messages are what was said before."""
    with asked(tmp_path, "openai", chat("Hi")) as (server, agent):
        agent.execute("Hello", messages=[])
        before = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        agent.execute("Hello", messages=before)
        prompt = {"role": "user", "content": "Hello"}
        assert [request.json["messages"] for request in server.requests] == [[prompt], [*before, prompt]]


def test_a_reply_comes_in_pieces(tmp_path):
    """Each is told as soon as it is there."""
    first, second, end = Gate(), Gate(), Gate()
    events = chat_events("Hel", "lo ", "you")
    reply = Reply(*events[:2], first, events[2], second, events[3], end, *events[4:])
    with asked(tmp_path, "openai", reply) as (_, agent):
        id = agent.begin_execute()
        for expected, gate in [("Hel", first), ("Hello ", second), ("Hello you", end)]:
            assert agent.text(id, expected) == expected
            assert not agent.has_answered(id)
            gate.open()
        assert agent.expect(id)["response"] == "Hello you"


SAID = ["Grüße, ", "", "😀", "日本", "\n\n", 'data: "x"\r\n', " \t", "end\0"]


def framed(events):
    """The same events as servers, and what stands between, may write them: name, Reply."""
    text = b"".join(events)
    crlf = text.replace(b"\n", b"\r\n")
    besides = b": keep-alive\n\n:\nid: 7\nretry: 1000\nnothing\n"
    # JSON may be broken wherever a blank may stand, and is then one event of many lines.
    broken = text.replace(b'": [', b'":\ndata: [').replace(b'": {', b'":\ndata: {')
    escaped = b"".join(_escaped(event) for event in events)
    yield "whole", Reply(text)
    yield "byte by byte", Reply(*(text[place : place + 1] for place in range(len(text))))
    yield "in threes", Reply(*(text[place : place + 3] for place in range(0, len(text), 3)), framing="close")
    yield "with a length", Reply(text, framing="length")
    yield "until the end", Reply(text, framing="close")
    yield "CRLF", Reply(crlf)
    yield "CRLF byte by byte", Reply(*(crlf[place : place + 1] for place in range(len(crlf))))
    yield "CR", Reply(text.replace(b"\n", b"\r"))
    yield "without a blank behind the colon", Reply(text.replace(b"data: {", b"data:{"))
    yield "with comments and other fields", Reply(*(besides + event for event in events))
    yield "many lines an event", Reply(broken)
    yield "escaped", Reply(escaped)
    yield "a byte-order mark", Reply(b"\xef\xbb\xbf" + text)
    yield "another name of the type", Reply(text, type="text/event-stream; charset=utf-8")


def _escaped(event):
    """An event that says the same in ASCII."""
    head, colon, told = event.partition(b"data: ")
    return head + colon + (json.dumps(json.loads(told)).encode() + b"\n\n" if told.startswith(b"{") else told)


FRAMED = list(framed(chat_events(*SAID, usage=USAGE)))


@pytest.mark.parametrize("reply", [reply for _, reply in FRAMED], ids=[name for name, _ in FRAMED])
def test_however_it_is_cut_and_framed(tmp_path, reply):
    with asked(tmp_path, "openai", reply) as (server, agent):
        id = agent.begin_execute()
        done = agent.expect(id)
        assert done["response"] == agent.text(id) == "".join(SAID)
        assert done["metadata"]["usage"] == {"input_tokens": 7, "output_tokens": 5}
        assert len(server.requests) == 1


def test_nothing_is_waited_for_behind_the_end(tmp_path):
    """A server may keep the connection open as long as it likes."""
    reply = Reply(*chat_events("Hi"), chunk({"content": "!"}), Gate())
    with asked(tmp_path, "openai", reply) as (_, agent):
        assert agent.execute()["response"] == "Hi"


@pytest.mark.parametrize("end", [[DONE], [chunk({}, "stop")], [chunk({}, "length"), DONE]], ids=["done", "finish", "length"])
def test_an_end_told_in_one_way_will_do(tmp_path, end):
    with asked(tmp_path, "openai", Reply(chunk({"content": "Hi"}), *end)) as (_, agent):
        assert agent.execute()["response"] == "Hi"


def test_odd_pieces(tmp_path):
    """What servers send besides: no choices, nulls, members that nobody knows, a second choice."""
    events = [
        data({"choices": [], "prompt_filter_results": [{}]}),
        data({"id": "x", "choices": None}),
        chunk({"role": "assistant", "content": None, "refusal": None, "tool_calls": None}, usage=None),
        chunk({"content": "He", "extra": {"a": [1]}}),
        chunk({"content": "XX"}, index=1),
        chunk({"content": ""}),
        chunk({}),
        chunk({"content": "llo"}, finish="stop", usage=USAGE),
        DONE,
    ]
    with asked(tmp_path, "openai", Reply(*events)) as (_, agent):
        done = agent.execute()
        assert done["response"] == "Hello"
        assert done["metadata"]["usage"] == {"input_tokens": 7, "output_tokens": 5}


def test_an_empty_reply(tmp_path):
    with asked(tmp_path, "openai", chat()) as (_, agent):
        assert agent.execute()["response"] == ""


def test_what_was_used(tmp_path):
    cached = {**USAGE, "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0}, "completion_tokens_details": None}
    with asked(tmp_path, "openai", chat("a", usage=USAGE), chat("b", usage=cached), chat("c")) as (_, agent):
        used = [agent.execute().get("metadata", {}).get("usage") for _ in range(3)]
        assert used[:2] == [
            {"input_tokens": 7, "output_tokens": 5},
            {"input_tokens": 7, "output_tokens": 5, "cached_tokens": 3},
        ]
        assert used[2] is None


@pytest.mark.parametrize("usage", [{"prompt_tokens": -1, "completion_tokens": 5}, {"prompt_tokens": "7"}, [], "x", {}])
def test_what_was_used_told_badly(tmp_path, usage):
    """A count that is none is left out; the reply is good all the same."""
    with asked(tmp_path, "openai", chat("Hi", usage=usage)) as (_, agent):
        done = agent.execute()
        assert done["response"] == "Hi"
        for count in done.get("metadata", {}).get("usage", {}).values():
            assert isinstance(count, int) and count >= 0


def tool(index, name=None, arguments="", **more):
    function = {"arguments": arguments, **({"name": name} if name else {})}
    return chunk({"tool_calls": [{"index": index, "function": function, **more}]})


def test_tool_calls(tmp_path):
    """Their names, each once, however their arguments are cut."""
    events = [
        chunk({"content": "Let me see."}),
        tool(0, "search", id="call_1", type="function"),
        tool(0, arguments='{"q":'),
        tool(0, arguments='"x"}'),
        tool(1, "mail", "{}", id="call_2", type="function"),
        tool(2, "search", "{}", id="call_3", type="function"),
        *chat_end(finish="tool_calls"),
    ]
    with asked(tmp_path, "openai", Reply(*events), chat("Hi")) as (_, agent):
        done = agent.execute()
        assert done["response"] == "Let me see."
        assert done["metadata"]["tools_used"] == ["search", "mail"]
        assert agent.execute().get("metadata", {}).get("tools_used", []) == []


@pytest.mark.parametrize("member", ["reasoning_content", "reasoning"])
def test_thoughts_are_no_reply(tmp_path, member):
    events = [chunk({"role": "assistant", member: "Hm, "}), chunk({member: "well."}), *chat_events("Yes.")]
    with asked(tmp_path, "openai", Reply(*events)) as (_, agent):
        id = agent.begin_execute()
        assert agent.expect(id)["response"] == "Yes."
        thought = "".join(text for kind, text in agent.pieces(id) if kind == "thought")
        assert thought == "Hm, well."


def test_a_piece_in_parts(tmp_path):
    """As some reasoning models tell theirs. Only what is text is the reply."""
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    events = [
        chunk({"content": [thinking]}),
        chunk({"content": [{"type": "text", "text": "Yes"}, {"type": "reference", "reference_ids": [1]}]}),
        *chat_events("."),
    ]
    at_once = chat_whole([thinking, {"type": "text", "text": "Yes."}])
    with asked(tmp_path, "openai", Reply(*events), Reply.json(at_once)) as (_, agent):
        assert agent.execute()["response"] == "Yes."
        assert agent.execute()["response"] == "Yes."


def test_a_server_that_does_not_stream(tmp_path):
    calls = [{"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}]
    replies = [Reply.json(chat_whole("Hëllo", USAGE, tool_calls=calls)), Reply.json(chat_whole(None))]
    with asked(tmp_path, "openai", *replies) as (server, agent):
        done = agent.execute()
        assert done["response"] == "Hëllo"
        assert done["metadata"]["usage"] == {"input_tokens": 7, "output_tokens": 5}
        assert done["metadata"]["tools_used"] == ["search"]
        assert agent.execute()["response"] == ""
        assert len(server.requests) == 2


FAULTS = {
    "status 400": (refusal(400, "The model `m` is too small."), ["400", "The model `m` is too small."]),
    "status 404": (refusal(404, "The model `m` does not exist"), ["404", "The model `m` does not exist"]),
    "an error in one word": (Reply.json({"error": "no model, try pulling it"}, status=404), ["404", "try pulling it"]),
    "a page": (Reply(b"<html><h1>Not here</h1></html>", status=404, type="text/html"), ["404"]),
    "no words": (Reply(status=422, type=None), ["422"]),
    "a page as a reply": (Reply(b"<!DOCTYPE html><html>Log in</html>", type="text/html"), []),
    "no stream": (Reply(b"Hello", type="text/plain"), []),
    "nothing": (Reply(type="text/event-stream"), []),
    "no content": (Reply(status=204, type=None, framing="length"), []),
    "events of something else": (Reply(data({"type": "ping"}), data({"type": "pong"})), []),
    "no JSON": (Reply(b"data: {what?\n\n", DONE), []),
    "no object": (Reply(b"data: [1]\n\n", *chat_end()), []),
    "no UTF-8": (Reply(b'data: {"choices":[{"index":0,"delta":{"content":"\xff"}}]}\n\n', *chat_end()), []),
    "a number as a piece": (Reply(chunk({"content": 7}), *chat_end()), []),
    "deep JSON": (Reply(b"data: " + b"[" * 100_000 + b"\n\n", *chat_end()), []),
    "an empty whole": (Reply.json({}), []),
    "a whole without choices": (Reply.json({"choices": []}), []),
    "an error as a whole": (Reply.json({"error": {"message": "Out of memory."}}), ["Out of memory."]),
    "an error in the stream": (Reply(data({"error": {"message": "Out of memory.", "code": 500}})), ["Out of memory."]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_server_does_wrong(tmp_path, name):
    """One sentence for people, with the server's own words, and the next execution is served."""
    reply, said = FAULTS[name]
    with asked(tmp_path, "openai", reply) as (server, agent):
        error = refused(agent)
        assert error.kind not in ("unavailable", "timeout"), error.text
        for words in said:
            assert words in error.text
        assert len(error.text) < 5_000 and "\n" not in error.message
        assert len(server.requests) == 1
        server.answer(chat("Hi"))
        assert agent.execute()["response"] == "Hi"


BEGUN = {
    "cut": ([CUT], "chunked"),
    "ended": ([], "chunked"),
    "ended with the connection": ([], "close"),
    "cut in an event": ([b'data: {"choices":[{"ind', CUT], "chunked"),
    "an error": ([data({"error": {"message": "Out of memory."}})], "chunked"),
    "no JSON": ([b"data: {what?\n\n"], "chunked"),
}


@pytest.mark.parametrize("name", BEGUN)
def test_a_reply_that_breaks_off(tmp_path, name):
    """What had come was told, half a reply is none, and it isn't asked for twice."""
    parts, framing = BEGUN[name]
    gate = Gate()
    reply = Reply(*chat_events("Hel", "lo")[:3], gate, *parts, framing=framing)
    with asked(tmp_path, "openai", reply, chat("Hi")) as (server, agent):
        id = agent.begin_execute()
        assert agent.text(id, "Hello") == "Hello"
        gate.open()
        with pytest.raises(PluginError) as caught:
            agent.expect(id)
        assert caught.value.kind not in ("unavailable", "timeout")
        assert agent.text(id) == "Hello"
        assert agent.execute()["response"] == "Hi"
        assert len(server.requests) == 2


def test_without_a_key(tmp_path):
    with asked(tmp_path, "openai", chat("Hi"), apiKey=None) as (server, agent):
        assert agent.execute()["response"] == "Hi"
        assert "authorization" not in server.request(0).headers


FAULTY = [
    ({"api": "opneai"}, ["api", "opneai"]),
    ({"api": None}, ["api"]),
    ({"model": None}, ["model"]),
    ({"model": 7}, ["model"]),
    ({"baseUrl": "ftp://127.0.0.1/"}, ["baseUrl", "ftp://127.0.0.1/"]),
    ({"baseUrl": "localhost:11434"}, ["baseUrl", "localhost:11434"]),
    ({"parameters": []}, ["parameters"]),
    ({"retryPause": -1}, ["retryPause"]),
]


@pytest.mark.parametrize(("faulty", "said"), FAULTY, ids=lambda value: json.dumps(value)[:40])
def test_settings_with_a_fault(tmp_path, faulty, said):
    """`initialize` is refused in a sentence that says which."""
    with AgentHTTP(tmp_path, None) as agent:
        with pytest.raises(PluginError) as caught:
            agent.initialize({**settings("openai", "http://127.0.0.1:9"), **faulty})
        for word in said:
            assert word in caught.value.text
