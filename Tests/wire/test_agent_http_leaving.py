"""How an execution of `parley-agent-http` is cancelled, and how the program leaves: what is under way at the model
server ends with it."""

import signal
import subprocess

import pytest
from agent_http import APIS, BINARY, KEY, STREAMED, AgentHTTP, PluginError, asked, settings
from host import PATIENCE, environment
from messages import call
from model_replies import chat_events, message_events, whole
from model_server import Gate, ModelServer, Reply


def held(api):
    """Replies that stop before anything is answered, before the first piece, and behind it."""
    events = {"openai": chat_events("Hi"), "anthropic": message_events("Hi")}.get(api, [b'{"response": "H'])
    yield "before an answer", Reply(before=[Gate()]), ""
    yield "in the middle of the head", Reply(before=[b"HTTP/1.1 200 OK\r\nContent-", Gate()]), ""
    yield "before the first piece", Reply(Gate()), ""
    if api in STREAMED:
        yield "behind a piece", Reply(*events[:-2], Gate()), "Hi"
    else:
        yield "in the middle", Reply(*events, Gate()), ""


HELD = [(api, name, *rest) for api in APIS for name, *rest in held(api)]
NAMED = {"argvalues": [(api, *rest) for api, _, *rest in HELD], "ids": [f"{api}: {name}" for api, name, *_ in HELD]}


@pytest.mark.parametrize(("api", "reply", "text"), **NAMED)
def test_cancelling_closes_the_connection(tmp_path, api, reply, text):
    with asked(tmp_path, api, reply) as (server, agent):
        id = agent.begin_execute()
        request = server.request(0)
        assert agent.text(id, text) == text
        agent.cancel(id)
        request.wait_closed()
        try:
            assert agent.expect(id)["response"] == text
        except PluginError as error:
            assert error.code == -32800
        server.answer(whole(api, "Ho"))
        assert agent.execute()["response"] == "Ho"
        assert len(server.requests) == 2


def test_cancelling_one_leaves_the_others(tmp_path):
    gate = Gate()
    with asked(tmp_path, "openai", Reply(*chat_events("Hi")[:2], gate, *chat_events("Hi")[2:])) as (server, agent):
        ids = [agent.begin_execute(), agent.begin_execute(), agent.begin_execute()]
        for id in ids:
            assert agent.text(id, "Hi") == "Hi"
        for id in (ids[1], 999, "1", None, ids[1]):
            agent.cancel(id)
        agent.wait_until(lambda: agent.has_answered(ids[1]), "the answer to the cancelled one")
        assert not any(agent.has_answered(id) for id in (ids[0], ids[2]))
        gate.open()
        assert [agent.expect(ids[place])["response"] for place in (0, 2)] == ["Hi", "Hi"]


def test_cancelling_what_is_over(tmp_path):
    with asked(tmp_path, "openai", whole("openai", "Hi")) as (_, agent):
        id = agent.begin_execute()
        agent.expect(id)
        agent.cancel(id)
        assert agent.execute()["response"] == "Hi"


@pytest.mark.parametrize(("api", "reply", "text"), **NAMED)
@pytest.mark.parametrize("how", ["end of input", "SIGTERM"])
def test_it_leaves_at_once(tmp_path, how, api, reply, text):
    """Whatever is under way; its connections end with it."""
    with asked(tmp_path, api, reply) as (server, agent):
        id = agent.begin_execute()
        request = server.request(0)
        assert agent.text(id, text) == text
        if how == "SIGTERM":
            agent.signal(signal.SIGTERM)
            assert agent.wait() in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
        else:
            agent.close_input()
            assert agent.wait() == 0
        request.wait_closed()


def test_it_leaves_before_it_was_asked_anything(tmp_path):
    with AgentHTTP(tmp_path, None) as agent:
        agent.close_input()
        assert agent.wait() == 0
        assert agent.lines == []


def test_it_leaves_when_its_host_is_gone(tmp_path):
    """Nobody reads any more, and the input has ended."""
    begin = {"protocolVersion": "parley-plugin/1", "host": {"name": "parley", "version": "0"}}
    ask = {"executionId": "e", "agentId": "demo", "prompt": "Hello", "context": {}, "messages": []}
    gate = Gate()
    with ModelServer(Reply(gate, *chat_events(*["x" * 60_000] * 20)[:-2], Gate())) as server:
        begin["settings"] = settings("openai", server.url)
        variables = {**environment(tmp_path), "MODEL_KEY": KEY}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen([BINARY], **pipes, env=variables, cwd=tmp_path) as process:
            process.stdin.write(call(1, "initialize", begin) + call(2, "agent/execute", ask))
            process.stdin.flush()
            request = server.request(0)
            process.stdout.close()
            gate.open()
            process.stdin.close()
            process.wait(PATIENCE)
        request.wait_closed()
