"""What agents answer, how they fail, and how long they may take."""

import contract
import pytest
from host import Host
from messages import WireError


def error_of(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value


FAILURES = [
    ("fail", 1021, "agentFailed", "The script says so."),
    ("away", 1023, "agentUnavailable", "Nobody is at home."),
    ("late", 1022, "agentTimeout", "It took too long."),
]


@pytest.mark.parametrize(("prompt", "code", "kind", "said"), FAILURES)
def test_a_turn_that_fails(demo, prompt, code, kind, said):
    """The question stays, the error says what to go on with, and the history says it again."""
    demo.start(conversationId="c")
    error = error_of(demo.send, "c", prompt)
    assert (error.code, error.kind, error.data["agentId"], error.data["retryable"]) == (code, kind, "demo", True)
    assert said in error.message or said in str(error.data)
    page = demo.history("c")
    (message,), (turn,) = page["messages"], page["turns"]
    assert (message["content"], message["id"], message["turnId"]) == (prompt, error.data["messageId"], error.data["turnId"])
    assert (turn["turnId"], turn["messageId"], turn["outcome"]) == (message["turnId"], message["id"], "failed")
    assert turn["error"]["data"]["kind"] == kind
    event, insight = contract.check_file(demo.file("c"))[2:]
    assert (event["type"], event["outcome"], event["error"]["code"]) == ("turnEnded", "failed", code)
    # What was found out then is part of its end.
    assert (insight["type"], insight["seq"]) == ("insight", error.data["seq"])
    assert demo.send("c", "a")["reply"]["content"] == "Heard: a"


def test_a_script_without_a_rule_for_it(store, configured):
    with Host(store, config=configured([{"pattern": "A?c*", "reply": "yes"}])) as host:
        host.start(conversationId="c")
        assert host.send("c", "aBC def")["reply"]["content"] == "yes"
        assert error_of(host.send, "c", "xabc").kind == "agentFailed"


@pytest.mark.parametrize("limit", ["total", "firstToken"])
def test_an_agent_that_takes_too_long(store, configured, limit):
    with Host(store, config=configured(timeouts={limit: 0.05})) as demo:
        demo.start(conversationId="c")
        error = error_of(demo.send, "c", "hold")
        assert (error.code, error.kind, error.data["limit"]) == (1022, "agentTimeout", limit)
        assert demo.history("c")["turns"][0]["outcome"] == "failed"
        error = error_of(demo.request, "agent/execute", {"prompt": "hold"})
        assert (error.kind, error.data["limit"]) == ("agentTimeout", limit)
        assert demo.send("c", "a")["reply"]["content"] == "Heard: a"


def test_what_a_reply_says_of_itself(demo):
    demo.start(conversationId="c")
    metadata = demo.send("c", "tools")["reply"]["metadata"]
    assert (metadata["agent_id"], metadata["tools_used"]) == ("demo", ["search", "mail"])
    assert metadata["usage"] == {"input_tokens": 7, "output_tokens": 5, "cached_tokens": 3}
    assert metadata["tokens_used"] == 12


def test_what_was_used_is_added_up(demo):
    demo.start(conversationId="c")
    for _ in range(3):
        demo.send("c", "tools")
    demo.send("c", "a")
    expected = {"input_tokens": 21, "output_tokens": 15, "cached_tokens": 9}
    assert demo.get("c")["usage"] == expected
    with Host(demo.store) as another:
        assert another.get("c")["usage"] == expected
        assert another.request("conversation/list")["conversations"][0]["usage"] == expected


def test_a_prompt_goes_through_unchanged(demo):
    demo.start(conversationId="c")
    prompt = "{prompt}\n\"\\ \0 é {x} %s 😀"
    assert demo.send("c", prompt)["reply"]["content"] == f"Heard: {prompt}"


def test_the_agents_there_are(store, configured):
    more = {"parrot": {"kind": "echo", "name": "Polly", "organizationId": "org", "projectId": "p"}}
    with Host(store, config=configured(more_agents=more.items(), name="Demo")) as host:
        agents = {agent["id"]: agent for agent in host.request("agent/list")["agents"]}
        assert agents["demo"] == {
            "id": "demo", "name": "Demo", "kind": "scripted", "default": True, "state": "ready", "capabilities": [],
        }  # fmt: skip
        assert agents["parrot"]["default"] is False
        assert [agents["parrot"][name] for name in ("name", "organizationId", "projectId")] == ["Polly", "org", "p"]
        assert set(host.request("initialize")["capabilities"]["agents"]) == set(agents)
        host.start(conversationId="c", agentId="parrot")
        assert host.send("c", "a")["reply"]["content"] == "You said: a"
        host.request("conversation/update", {"conversationId": "c", "agentId": "demo"})
        assert host.send("c", "a")["reply"]["content"] == "Heard: a"


def test_an_agent_that_the_configuration_no_longer_has(demo):
    """The conversation can be read, and says whom it misses."""
    demo.start(conversationId="c")
    with Host(demo.store) as plain:
        assert plain.get("c")["agentId"] == "demo"
        error = error_of(plain.send, "c", "a")
        assert (error.code, error.kind, error.data["known"]) == (1020, "agentNotFound", ["echo"])
        assert plain.send("c", "note", execute=False)["seq"] >= 1


def test_the_configured_user_and_welcome(store, configured):
    with Host(store, config=configured(more={"userId": "ada", "welcome": "Hi."}.items())) as host:
        started = host.start(conversationId="c", metadata={"sendWelcome": True})
        assert started["userId"] == "ada"
        assert host.history("c")["messages"][0]["content"] == "Hi."
        assert host.request("initialize")["configPath"] == str(store.parent / "parley.json")


# Outside of conversations


def test_an_execution_stores_nothing(demo):
    params = {"prompt": "tools", "context": {"a": 1}, "messages": [{"role": "user", "content": "before"}]}
    done = demo.request("agent/execute", params)
    assert done["response"] == "Done."
    assert done["metadata"]["execution_id"] == done["executionId"]
    assert (done["metadata"]["agent_id"], done["metadata"]["tools_used"]) == ("demo", ["search", "mail"])
    assert list(demo.store.glob("conversations/*")) == []


@pytest.mark.parametrize(("prompt", "code", "kind", "said"), FAILURES)
def test_an_execution_that_fails(demo, prompt, code, kind, said):
    error = error_of(demo.request, "agent/execute", {"prompt": prompt})
    assert (error.code, error.kind, error.data["agentId"]) == (code, kind, "demo")
    assert said in error.message or said in str(error.data)
    assert "messageId" not in error.data


def test_an_execution_by_nobody(host):
    error = error_of(host.request, "agent/execute", {"prompt": "a", "agentId": "nobody"})
    assert (error.kind, error.data["known"]) == ("agentNotFound", ["echo"])
    assert host.request("agent/execute", {"prompt": "a", "agentId": "echo"})["response"] == "You said: a"
