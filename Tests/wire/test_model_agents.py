"""Agents of the kinds openai, anthropic and llm-crafter, from a config to a reply in a conversation's file."""

import json
import shutil

import host as hosts
import pytest
from agent_http import APIS, KEY, PATHS, STREAMED, check_hidden
from forward_proxy import ForwardProxy
from host import run
from messages import WireError
from model_host import agent, serve  # noqa: F401
from model_replies import BEHIND, EVENTS, USAGE, chat, chat_end, chat_events, chunk, crafted, whole
from model_server import Gate, ModelServer, Reply
from streams import Stream


@pytest.mark.parametrize("api", APIS)
def test_a_turn(serve, api):
    with ModelServer(whole(api, "Hel", "lo")) as server:
        host = serve(api, server)
        reply = host.send("c", "Hello?")["reply"]
        assert (reply["content"], reply["metadata"]["agent_id"]) == ("Hello", "model")
        request = server.request(0)
        assert request.path == PATHS[api]
        told = host.request("context/preview", {"conversationId": "c"})
        if api == "llm-crafter":
            assert request.json["prompt"] == "Hello?"
            assert request.json["context"]["conversation_id"] == "c"
            assert set(told["context"]) <= set(request.json["context"])
        else:
            assert request.json["messages"] == [{"role": "user", "content": "Hello?"}]
        host.send("c", "And then?")
        second = server.request(1).json
        if api == "llm-crafter":
            assert "assistant: Hello" in second["context"]["conversation_history"]
        else:
            assert [said["content"] for said in second["messages"]] == ["Hello?", "Hello", "And then?"]


@pytest.mark.parametrize("api", STREAMED)
def test_instructions_and_the_window(serve, api):
    with ModelServer(whole(api, "Hi")) as server:
        host = serve(api, server, window={"messages": 2})
        host.start(conversationId="d", instructions="Be kind.")
        for said in ("a", "b", "c"):
            host.send("d", said)
        body = server.request(2).json
        assert [said["content"] for said in body["messages"] if said["role"] != "system"][-1] == "c"
        assert "b" not in [said["content"] for said in body["messages"]]
        assert "Be kind." in json.dumps(body)


def test_after_a_welcome(serve):
    """The conversation begins with the assistant, which not every server takes."""
    with ModelServer(whole("anthropic", "Hi")) as server:
        host = serve("anthropic", server)
        host.start(conversationId="d", metadata={"sendWelcome": "Welcome!"})
        assert host.send("d", "Hello?")["reply"]["content"] == "Hi"
        assert server.request(0).json["messages"][0]["role"] == "user"


def in_pieces(api):
    """A reply that waits behind each of its pieces, and the gates."""
    one, two = Gate(), Gate()
    first, second = BEHIND[api]
    events = EVENTS[api]
    return Reply(*events[:first], one, *events[first:second], two, *events[second:]), one, two


@pytest.mark.parametrize("api", STREAMED)
def test_a_streamed_turn(serve, api):
    reply, one, two = in_pieces(api)
    with ModelServer(reply) as server:
        host = serve(api, server)
        id = host.begin_send("c", "Hello?", stream=True)
        host.wait_for_text("Hel", id)
        one.open()
        host.wait_for_text("Hello", id)
        assert not host.has_answered(id)
        two.open()
        reply = host.expect(id)["reply"]
        assert reply["content"] == "Hello"
        stream = Stream(host.told(id))
        assert (stream.outcome, stream.end["message"], stream.text()) == ("completed", reply, "Hello")


def test_one_that_comes_whole_is_one_piece(serve):
    with ModelServer(crafted("Hello")) as server:
        host = serve("llm-crafter", server)
        id = host.begin_send("c", "Hello?", stream=True)
        host.expect(id)
        assert [piece["text"] for piece in Stream(host.told(id)).pieces] == ["Hello"]


def test_what_a_reply_says_of_itself(serve):
    call = {"tool_calls": [{"index": 0, "id": "x", "type": "function", "function": {"name": "search", "arguments": "{}"}}]}
    cached = {**USAGE, "prompt_tokens_details": {"cached_tokens": 3}}
    reply = Reply(chunk({"role": "assistant", "content": "Hi"}), chunk(call), *chat_end(usage=cached))
    with ModelServer(reply) as server:
        host = serve("openai", server)
        metadata = host.send("c", "Hello?")["reply"]["metadata"]
        assert metadata["tools_used"] == ["search"]
        assert metadata["usage"] == {"input_tokens": 7, "output_tokens": 5, "cached_tokens": 3}
        assert metadata["tokens_used"] == 12
        assert host.get("c")["usage"] == metadata["usage"]
        done = host.request("agent/execute", {"prompt": "Hello?"})
        assert done["metadata"]["usage"] == metadata["usage"]


def test_what_llm_crafter_says_of_itself(serve):
    parts = {"prompt": 45, "completion": 123, "total": 168}
    with ModelServer(crafted("Hi", tools_used=["search"], tokens_used=168), crafted("Hi", tokens_used=parts)) as server:
        host = serve("llm-crafter", server)
        first, second = [host.send("c", "Hello?")["reply"]["metadata"] for _ in range(2)]
        assert (first["tools_used"], first["tokens_used"]) == (["search"], 168)
        assert (second["tokens_used"], second["usage"]) == (168, {"input_tokens": 45, "output_tokens": 123})


# Many


def test_four_at_once(serve):
    """More wait, and those that wait are not asked of the server."""
    gates = {f"{number}": Gate() for number in range(6)}

    def reply(request):
        prompt = request.json["messages"][-1]["content"]
        return Reply(gates[prompt], *chat_events(f"Heard {prompt}"))

    with ModelServer(reply) as server:
        host = serve("openai", server)
        ids = {}
        for prompt in gates:
            host.start(conversationId=f"c{prompt}")
            ids[prompt] = host.begin_send(f"c{prompt}", prompt)
        server.request(3)
        assert host.request("ping") == {}
        assert {request.json["messages"][-1]["content"] for request in server.requests} == {"0", "1", "2", "3"}
        for prompt, gate in gates.items():
            gate.open()
            assert host.expect(ids[prompt])["reply"]["content"] == f"Heard {prompt}"


def test_agents_of_all_kinds_side_by_side(serve):
    with ModelServer(whole("openai", "one")) as one, ModelServer(whole("anthropic", "two")) as two:
        host = serve("openai", one, agents={"other": agent("anthropic", two.url)})
        assert host.send("c", "a")["reply"]["content"] == "one"
        done = host.request("agent/execute", {"prompt": "a", "agentId": "other"})
        assert done["response"] == "two"
        kinds = {agent["id"]: agent["kind"] for agent in host.request("agent/list")["agents"]}
        assert kinds == {"model": "openai", "other": "anthropic", "echo": "echo"}


# The program beside the host


def test_a_host_that_is_called_by_a_link(serve, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "chat").symlink_to(hosts.PARLEY)
    monkeypatch.setattr(hosts, "PARLEY", tmp_path / "bin" / "chat")
    with ModelServer(chat("Hi")) as server:
        assert serve("openai", server).send("c", "Hello?")["reply"]["content"] == "Hi"


def test_a_host_that_stands_alone(serve, tmp_path, monkeypatch):
    """It serves all else, and says what is missing."""
    (tmp_path / "bin").mkdir()
    shutil.copy(hosts.PARLEY, tmp_path / "bin" / "parley")
    monkeypatch.setattr(hosts, "PARLEY", tmp_path / "bin" / "parley")
    with ModelServer(chat("Hi")) as server:
        host = serve("openai", server, variables={"PATH": "/usr/bin:/bin"})
        with pytest.raises(WireError) as caught:
            host.send("c", "Hello?")
        assert caught.value.kind == "agentUnavailable"
        assert "parley-agent-http" in caught.value.message + json.dumps(caught.value.data)
        assert host.request("agent/execute", {"agentId": "echo", "prompt": "a"})["response"] == "You said: a"
        assert server.requests == []


# The key


@pytest.mark.parametrize("place", ["file", "command"])
def test_a_key_of_the_configs_folder(serve, tmp_path, place):
    """Paths count from there, whatever folder the host runs in."""
    (tmp_path / "config" / "key.txt").write_text(KEY + "\n")
    key = {"file": "key.txt"} if place == "file" else {"command": ["cat", "key.txt"]}
    with ModelServer(chat("Hi")) as server:
        host = serve("openai", server, variables={}, apiKey=key)
        assert host.send("c", "Hello?")["reply"]["content"] == "Hi"
        assert server.request(0).headers["authorization"] == f"Bearer {KEY}"


def test_variables_that_a_keys_command_needs(serve):
    """Those that are named are handed down, others aren't."""
    key = {"command": ["sh", "-c", 'echo "$NAMED$OTHER"']}
    with ModelServer(chat("Hi")) as server:
        host = serve("openai", server, variables={"NAMED": KEY, "OTHER": "x"}, apiKey=key, environment=["NAMED"])
        host.send("c", "Hello?")
        assert server.request(0).headers["authorization"] == f"Bearer {KEY}"


WRITTEN = {"bare": KEY, "named": {"key": KEY}, "as a name": {"environment": KEY}, "listed": [KEY], "as a member": {KEY: "x"}}


@pytest.mark.parametrize("key", WRITTEN.values(), ids=WRITTEN)
def test_a_key_in_the_config_itself(store, tmp_path, key):
    """It is refused at the start, in a sentence that doesn't repeat it."""
    config = tmp_path / "parley.json"
    config.write_text(json.dumps({"agents": {"model": agent("openai", "http://127.0.0.1:9", apiKey=key)}}))
    done = run(b"", store, config=config)
    assert (done.status, done.raw) == (2, b"")
    assert "apiKey" in done.stderr
    check_hidden(done.stderr)


def test_a_proxy_of_the_hosts(serve):
    """Variables that lead through a proxy are handed down."""
    with ModelServer(chat("Hi")) as server, ForwardProxy(server.port) as proxy:
        variables = {"MODEL_KEY": KEY, "HTTP_PROXY": proxy.url}
        host = serve("openai", "http://model.invalid", variables=variables)
        assert host.send("c", "Hello?")["reply"]["content"] == "Hi"
        assert len(proxy.lines) == 1


def test_a_request_is_not_repeated_for_one_that_is_sent_again(serve):
    """The reply that is stored is the answer; the server is asked once."""
    with ModelServer(chat("Hi")) as server:
        host = serve("openai", server)
        first = host.send("c", "Hello?", idempotencyKey="k")
        assert host.send("c", "Hello?", idempotencyKey="k")["reply"] == first["reply"]
        assert len(server.requests) == 1
