"""`parley-agent-http` with LLM Crafter, which answers in one piece."""

import json

import pytest
from agent_http import KEY, AgentHTTP, PluginError, asked, refused, settings
from model_replies import crafted, execution, refusal
from model_server import CUT, Reply

CONTEXT = {"conversation_id": "c", "lead_score": 85, "deep": [1, 2.5, None, "ü\0"], "big": 2**53 + 1}


def test_what_is_asked(tmp_path):
    with asked(tmp_path, "llm-crafter", crafted("Hi")) as (server, agent):
        done = agent.execute("Hello", context=CONTEXT, instructions="Be kind.")
        assert done["response"] == "Hi"
        request = server.request(0)
        assert request.method == "POST"
        assert request.path == "/api/organizations/org_1/projects/proj_1/agents/agent_7/execute"
        assert request.headers["x-api-key"] == KEY
        assert "authorization" not in request.headers
        assert request.headers["content-type"].split(";")[0] == "application/json"
        assert request.json["prompt"] == "Hello"
        assert {name: request.json["context"][name] for name in CONTEXT} == CONTEXT
        assert set(request.json) == {"prompt", "context"}


def test_names_that_are_no_path(tmp_path):
    """They stay what they are: nobody gets to another address by a name."""
    names = {"organizationId": "a/../b?c#d", "projectId": "ü %2F", "remoteAgentId": "x;y=z&"}
    with asked(tmp_path, "llm-crafter", crafted("Hi"), **names) as (server, agent):
        assert agent.execute()["response"] == "Hi"
        parts = server.request(0).path.split("/")
        assert (parts[:3], parts[4], parts[6], parts[8]) == (["", "api", "organizations"], "projects", "agents", "execute")
        assert parts[3].lower() == "a%2f..%2fb%3fc%23d"
        assert parts[5].lower() == "%c3%bc%20%252f"


def test_what_a_reply_says_of_itself(tmp_path):
    """Counts of tokens by their parts, or as a sum, and the tools."""
    replies = [
        crafted("a", tools_used=["search", "mail"], tokens_used={"prompt": 45, "completion": 123, "total": 168}),
        crafted("b", tokens_used=168),
        crafted("c"),
    ]
    with asked(tmp_path, "llm-crafter", *replies) as (_, agent):
        first, second, third = [agent.execute().get("metadata", {}) for _ in range(3)]
        assert first["tools_used"] == ["search", "mail"]
        assert first["usage"] == {"input_tokens": 45, "output_tokens": 123}
        assert second["tokens_used"] == 168
        assert "usage" not in third and third.get("tokens_used", 0) == 0


@pytest.mark.parametrize("said", ["", "Grüße 😀\n\0", "x" * 1_000_000], ids=["nothing", "letters", "much"])
def test_a_reply_comes_whole(tmp_path, said):
    with asked(tmp_path, "llm-crafter", crafted(said)) as (_, agent):
        id = agent.begin_execute()
        assert agent.expect(id)["response"] == said
        assert agent.text(id) in ("", said)


WHOLE = json.dumps(execution("Hi ü")).encode()
FRAMED = {
    "in chunks": Reply(*(WHOLE[place : place + 1] for place in range(len(WHOLE))), type="application/json"),
    "until the end": Reply(WHOLE, type="application/json; charset=utf-8", framing="close"),
    "with blanks": Reply(b"\n " + WHOLE + b"\n", type="application/json", framing="length"),
    "flat": Reply.json({"success": True, "data": {"response": "Hi ü"}}),
    "flatter": Reply.json({"response": "Hi ü"}),
}


@pytest.mark.parametrize("name", FRAMED)
def test_however_it_is_framed(tmp_path, name):
    with asked(tmp_path, "llm-crafter", FRAMED[name]) as (_, agent):
        assert agent.execute()["response"] == "Hi ü"


FAULTS = {
    "status 404": (Reply.json({"error": "Agent not found", "code": "GONE"}, status=404), ["404", "Agent not found"]),
    "status 422": (refusal(422, "Validation failed"), ["422", "Validation failed"]),
    "no success": (Reply.json({"success": False, "error": "Agent execution failed"}), ["Agent execution failed"]),
    "a page": (Reply(b"<html>Log in</html>", type="text/html"), []),
    "nothing": (Reply(framing="length"), []),
    "no JSON": (Reply(b"{what?", type="application/json"), []),
    "no object": (Reply.json([1]), []),
    "no response": (Reply.json({"success": True, "data": {"execution": {"id": "x"}}}), []),
    "a response that is no text": (Reply.json(execution(7)), []),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_server_does_wrong(tmp_path, name):
    reply, said = FAULTS[name]
    with asked(tmp_path, "llm-crafter", reply) as (server, agent):
        error = refused(agent)
        assert error.kind not in ("unavailable", "timeout"), error.text
        for words in said:
            assert words in error.text
        assert len(server.requests) == 1
        server.answer(crafted("Hi"))
        assert agent.execute()["response"] == "Hi"


def test_a_reply_that_breaks_off(tmp_path):
    """Nothing was told of it, so it is asked for again."""
    with asked(tmp_path, "llm-crafter", Reply(WHOLE[:20], CUT), crafted("Hi")) as (server, agent):
        assert agent.execute()["response"] == "Hi"
        assert len(server.requests) == 2


def test_parameters_that_it_has_no_place_for(tmp_path):
    with AgentHTTP(tmp_path, None) as agent:
        with pytest.raises(PluginError) as caught:
            agent.initialize(settings("llm-crafter", "http://127.0.0.1:9", parameters={"temperature": 1}))
        assert "parameters" in caught.value.text


@pytest.mark.parametrize("name", ["baseUrl", "organizationId", "projectId", "remoteAgentId"])
def test_settings_that_are_missing(tmp_path, name):
    with AgentHTTP(tmp_path, None) as agent:
        with pytest.raises(PluginError) as caught:
            agent.initialize(settings("llm-crafter", "http://127.0.0.1:9", **{name: None}))
        assert name in caught.value.text
