"""`parley-agent-http` as a plugin: the lines between it and its host."""

import pytest
from agent_http import AgentHTTP, PluginError, asked, refused, settings
from model_replies import whole
from model_server import Gate, Reply


def failure(agent, method, params):
    with pytest.raises(PluginError) as caught:
        agent.expect(agent.begin(method, params))
    return caught.value


def test_what_it_says_of_itself(tmp_path):
    with AgentHTTP(tmp_path, None) as agent:
        told = agent.initialize(settings("openai", "http://127.0.0.1:9"))
        assert (told["name"], told["capabilities"]) == ("parley-agent-http", ["agent/execute"])
        assert told["version"] != ""


@pytest.mark.parametrize("method", ["profile/load", "context/build", "nothing/known"])
def test_other_methods(tmp_path, method):
    with asked(tmp_path, "openai", whole("openai", "Hi")) as (_, agent):
        assert failure(agent, method, {"userId": "ada", "conversationId": "c"}).code == -32601
        assert agent.execute()["response"] == "Hi"


def test_an_execution_before_it_knows_its_settings(tmp_path):
    with asked(tmp_path, "openai", whole("openai", "Hi")) as (server, _):
        with AgentHTTP(tmp_path, None) as agent:
            refused(agent)
            agent.initialize(settings("openai", server.url))
            assert agent.execute()["response"] == "Hi"


def test_settings_may_be_told_again_after_a_fault(tmp_path):
    with asked(tmp_path, "openai", whole("openai", "Hi")) as (server, _):
        with AgentHTTP(tmp_path, None) as agent:
            params = {"protocolVersion": "parley-plugin/1", "host": {"name": "parley", "version": "0"}, "settings": {}}
            failure(agent, "initialize", params)
            agent.initialize(settings("openai", server.url))
            assert agent.execute()["response"] == "Hi"


def test_settings_that_nobody_knows(tmp_path):
    with AgentHTTP(tmp_path, None) as agent:
        with pytest.raises(PluginError) as caught:
            agent.initialize(settings("openai", "http://127.0.0.1:9", modle="m"))
        assert "`modle`" in caught.value.message


def test_members_that_a_later_host_may_add(tmp_path):
    with asked(tmp_path, "openai", whole("openai", "Hi")) as (_, agent):
        assert agent.execute(nextYear={"a": 1})["response"] == "Hi"


ODD = {
    "{": -32700,
    "": -32700,
    "\xff": -32700,
    "[]": -32600,
    "7": -32600,
    '{"jsonrpc":"2.0","method":"what/next","params":{}}': None,
    '{"jsonrpc":"2.0","method":"$/cancelRequest"}': None,
    '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":[]}}': None,
    '{"jsonrpc":"2.0","id":99,"result":{}}': None,
}


@pytest.mark.parametrize(("line", "code"), ODD.items(), ids=ODD)
def test_lines_that_ask_nothing(tmp_path, line, code):
    """A host has none of them, but people who try it out do. What runs goes on, and the next is served."""
    with asked(tmp_path, "openai", Reply(before=[Gate()]), whole("openai", "Hi")) as (server, agent):
        id = agent.begin_execute()
        server.request(0)
        agent.send(line.encode("latin-1") + b"\n")
        assert agent.execute()["response"] == "Hi"
        assert not agent.has_answered(id)
        assert [error["code"] for error in agent.strays] == ([code] if code else [])


@pytest.mark.parametrize("missing", ["executionId", "prompt"])
def test_params_with_a_fault(tmp_path, missing):
    """It says what is missing, and asks no server."""
    params = {"executionId": "e", "agentId": "demo", "prompt": "Hello", "context": {}, "messages": []}
    del params[missing]
    with asked(tmp_path, "openai", whole("openai", "Hi")) as (server, agent):
        assert missing in failure(agent, "agent/execute", params).message
        assert server.requests == []
