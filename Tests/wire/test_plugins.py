"""A process that stays, as an agent: when it starts, what it is asked, and what becomes of what it answers."""

import json

import pytest
from messages import WireError
from plugin_kit import do, serve, stage  # noqa: F401

USAGE = {"input_tokens": 7, "output_tokens": 5, "cached_tokens": 3}


@pytest.fixture
def host(stage, serve):
    return serve(stage.plugin())


def error_of(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value


def reply_to(host, *steps):
    return host.send("c", do(*steps))["reply"]


# Its start


def test_it_starts_when_it_is_first_needed_and_stays(stage, host):
    host.request("agent/list")
    host.send("c", "note", execute=False)
    host.request("context/preview", {"conversationId": "c", "prompt": "a"})
    assert stage.starts() == 0
    host.start(conversationId="d")
    for id in "cdc":
        assert host.send(id, "a")["reply"]["content"] == "Heard: a"
    host.request("agent/execute", {"prompt": "a"})
    assert stage.starts() == 1
    assert [request["method"] for request in stage.requests()] == ["initialize"] + ["agent/execute"] * 4


@pytest.mark.parametrize("settings", [None, {"tone": "kind", "deep": [1, 2.5, None, "ü\u0000"]}])
def test_what_it_is_told_at_its_start(stage, serve, settings):
    host = serve(stage.plugin(**({} if settings is None else {"settings": settings})))
    host.send("c", "a")
    (request,) = stage.requests("initialize")
    server = host.request("initialize")["serverInfo"]
    assert request["params"] == {
        "protocolVersion": "parley-plugin/1",
        "host": {"name": server["name"], "version": server["version"]},
        "settings": settings or {},
    }


def test_nothing_is_asked_before_its_start_is_answered(stage, serve):
    host = serve(stage.plugin(on={"initialize": ["gate hello"]}))
    host.start(conversationId="d")
    waiting = [host.begin_send(id, "a") for id in "cd"]
    stage.at("hello")
    assert host.request("ping") == {}
    assert [request["method"] for request in stage.requests()] == ["initialize"]
    stage.open("hello")
    for id in waiting:
        assert host.expect(id)["reply"]["content"] == "Heard: a"
    assert stage.starts() == 1


def test_what_the_list_of_agents_says_of_it(stage, serve):
    host = serve(stage.plugin(on={"initialize": ["gate hello"]}, name="Steered", organizationId="org"))

    def shown():
        (agent,) = [agent for agent in host.request("agent/list")["agents"] if agent["id"] == "steered"]
        return agent

    assert (shown()["kind"], shown()["name"], shown()["organizationId"]) == ("plugin", "Steered", "org")
    assert (shown()["state"], shown()["capabilities"]) == ("idle", [])
    waiting = host.begin_send("c", "a")
    stage.at("hello")
    assert (shown()["state"], shown()["capabilities"]) == ("starting", [])
    stage.open("hello", 'answer {"name":"x","version":"1","capabilities":["agent/execute","sentiment/analyze"]}')
    host.expect(waiting)
    assert (shown()["state"], shown()["capabilities"]) == ("ready", ["agent/execute", "sentiment/analyze"])


def test_one_that_executes_nothing(stage, serve):
    """Its capabilities are what it may be asked."""
    host = serve(stage.plugin(initialize={"name": "x", "version": "1", "capabilities": ["sentiment/analyze"]}))
    error = error_of(host.send, "c", "a")
    assert error.kind in ("agentFailed", "agentUnavailable") and error.data["agentId"] == "steered"
    assert stage.requests("agent/execute") == []


# What it is asked

HEAD = {"title": "Where is it?", "tags": ["a", "b"], "metadata": {"n": [1.5]}, "organizationId": "o", "projectId": "p"}


@pytest.mark.parametrize("type", ["general", "customer_support", "sales"])
@pytest.mark.parametrize("more", [{}, {**HEAD, "instructions": "Be kind."}])
def test_a_turn_is_given_what_the_preview_shows(stage, host, type, more):
    begun = host.start(conversationId="d", type=type, **more)
    host.send("d", "I am angry about the premium plan")
    shown = host.request("context/preview", {"conversationId": "d", "prompt": "we have seen it"})
    sent = host.send("d", "we have seen it")
    params = stage.request("agent/execute", count=2)["params"]
    del shown["estimatedTokens"]
    facts = {"executionId": sent["reply"]["metadata"]["execution_id"], "agentId": "steered", "turnId": sent["turnId"]}
    conversation = params.pop("conversation")
    assert params == {**shown, **facts}
    members = ("id", "userId", "agentId", "type", "tags", "metadata", "organizationId", "projectId")
    title = conversation.pop("title", None)
    assert conversation == {name: begun[name] for name in members if name in begun}
    if more:
        assert title == HEAD["title"]
    else:
        assert not {"instructions", "organizationId", "projectId"} & {*conversation, *params}


def test_an_execution_is_given_what_its_caller_says(stage, host):
    """There is no conversation, so nothing is told of one; the echo agent shows the same."""
    said = {"prompt": "a", "context": {"b": [1, 2.5, "ü"]}, "messages": [{"role": "user", "content": "c"}]}
    for given in (said, {"prompt": "a"}):
        done = host.request("agent/execute", given)
        params = stage.requests("agent/execute")[-1]["params"]
        assert params.pop("executionId") == done["executionId"]
        assert params.pop("agentId") == "steered"
        assert params["prompt"] == "a" and params["context"] == given.get("context", {})
        if "messages" in given:
            assert params["messages"] == given["messages"]
        assert set(params) == {"prompt", "context", "messages"}


def test_each_execution_has_an_id_of_its_own(stage, host):
    for _ in range(3):
        host.send("c", "a")
    host.request("turn/retry", {"conversationId": "c"})
    ids = [request["params"]["executionId"] for request in stage.requests("agent/execute")]
    assert len(set(ids)) == 4
    assert len({request["id"] for request in stage.requests()}) == 5


@pytest.mark.parametrize("prompt", ["\u2028 \x7f \t\r\n \x00", "é" * 100_000, '"\\/{}', "😀\ufffd"])
def test_a_prompt_goes_through_unchanged(stage, host, prompt):
    assert host.send("c", prompt)["reply"]["content"] == f"Heard: {prompt}"
    assert stage.requests("agent/execute")[0]["params"]["prompt"] == prompt


def test_a_window_bounds_its_messages(stage, serve):
    host = serve(stage.plugin(window={"messages": 2}))
    for text in "ab":
        host.send("c", text)
    told = stage.requests("agent/execute")[-1]["params"]["messages"]
    assert [message["content"] for message in told] == ["Heard: a", "b"]


# What becomes of its answers


def test_what_a_reply_says_of_itself(host):
    """Its own members stay as they are; those that are the host's are the host's."""
    own = '"model":"m","deep":{"a":[1,2.50,null,"ü"]},"finish_reason":"stop"'
    reserved = '"execution_id":"mine","agent_id":"mine","response_time_ms":-5'
    given = f'{{{own},{reserved},"tools_used":["search","mail"],"usage":{json.dumps(USAGE)}}}'
    reply = reply_to(host, f"metadata {given}", "reply Done.")
    metadata = dict(reply["metadata"])
    assert metadata.pop("execution_id").startswith("exec")
    assert metadata.pop("agent_id") == "steered"
    assert metadata.pop("response_time_ms") >= 0
    assert metadata == {
        "tools_used": ["search", "mail"],
        "usage": USAGE,
        "tokens_used": 12,
        "model": "m",
        "deep": {"a": [1, 2.5, None, "ü"]},
        "finish_reason": "stop",
    }
    assert host.history("c")["messages"][-1] == reply
    assert host.get("c")["context"]["tools_used"] == ["search", "mail"]
    assert host.get("c")["usage"] == USAGE


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("{}", 0),
        ('{"tokens_used":42}', 42),
        ('{"tokens_used":42,"usage":{"input_tokens":1,"output_tokens":2}}', 3),
    ],
)
def test_tokens_are_those_of_the_usage_where_there_is_one(host, metadata, expected):
    assert reply_to(host, f"metadata {metadata}", "reply a")["metadata"]["tokens_used"] == expected


def test_what_a_reply_cost(host):
    cost = '{"amount":0.5,"currency":"USD","source":"reported"}'
    for _ in range(2):
        reply_to(host, f'metadata {{"usage":{{"input_tokens":1,"output_tokens":2,"cost":{cost}}}}}', "reply a")
    assert host.get("c")["usage"]["costs"] == [{"amount": 1.0, "currency": "USD", "source": "reported"}]


def test_an_execution_is_told_the_same(host):
    done = host.request("agent/execute", {"prompt": do('metadata {"model":"m","tokens_used":4}', "reply Done.")})
    assert (done["response"], done["metadata"]["model"], done["metadata"]["tokens_used"]) == ("Done.", "m", 4)
    assert done["metadata"]["execution_id"] == done["executionId"]


ERRORS = [
    ({"code": -32000, "message": "No such thing."}, "agentFailed", 1021),
    ({"code": 7, "message": "No such thing.", "data": {"kind": "strange", "deep": [1, "ü"]}}, "agentFailed", 1021),
    ({"code": -1, "message": "No key.", "data": {"kind": "unavailable"}}, "agentUnavailable", 1023),
    ({"code": -1, "message": "Too late.", "data": {"kind": "timeout"}}, "agentTimeout", 1022),
    ({"code": -1, "message": "Odd.", "data": "unavailable"}, "agentFailed", 1021),
    ({"code": -32800, "message": "I didn't want to."}, "agentFailed", 1021),
]


@pytest.mark.parametrize(("error", "kind", "code"), ERRORS)
def test_an_error(host, error, kind, code):
    steps = do(f"error {json.dumps(error)}")
    for caught in (error_of(host.send, "c", steps), error_of(host.request, "agent/execute", {"prompt": steps})):
        assert (caught.kind, caught.code, caught.data["agentId"]) == (kind, code, "steered")
        assert caught.data["agentError"] == error
    (turn,) = host.history("c")["turns"]
    assert (turn["outcome"], turn["error"]["data"]["kind"]) == ("failed", kind)
    assert turn["error"]["data"]["agentError"] == error
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


MISSHAPEN = ["null", "[]", "{}", '"text"', '{"response":5}', '{"response":null}', '{"reply":"a"}', '{"response":["a"]}']


@pytest.mark.parametrize("result", MISSHAPEN)
def test_an_answer_in_another_shape(stage, host, result):
    """It says what was wrong, and the process goes on."""
    error = error_of(host.send, "c", do(f"answer {result}"))
    assert (error.kind, error.data["agentId"]) == ("agentFailed", "steered")
    assert "response" in error.message
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
    assert stage.starts() == 1


ODD_METADATA = [
    '{"tools_used":"search"}', '{"tools_used":["a",1]}', '{"usage":5}', '{"usage":{"input_tokens":-1}}',
    '{"usage":{"input_tokens":1}}', '{"usage":{"input_tokens":1.5,"output_tokens":1}}', '{"tokens_used":-3}',
    '{"tokens_used":1e300}', '{"tokens_used":"5"}', '{"usage":{"input_tokens":1,"output_tokens":1,"cost":5}}',
    '{"usage":{"input_tokens":1,"output_tokens":1,"cost":{"amount":"1","currency":"USD","source":"reported"}}}',
    '{"usage":{"input_tokens":1,"output_tokens":1,"cost":{"amount":1,"currency":"dollars","source":"reported"}}}',
    '{"usage":{"input_tokens":1,"output_tokens":1,"cached_tokens":null}}',
]  # fmt: skip


@pytest.mark.parametrize("metadata", ODD_METADATA)
def test_metadata_in_another_shape(host, metadata):
    """What has it is left out, which the log says. What is stored is held to the published shape by the checks of each
    line and of the file."""
    reply = reply_to(host, f'answer {{"response":"a","metadata":{metadata}}}')
    assert reply["content"] == "a"
    assert reply["metadata"]["tools_used"] in ([], ["a"])
    assert reply["metadata"].get("usage", {"input_tokens": 1, "output_tokens": 1}) == {"input_tokens": 1, "output_tokens": 1}
    host.wait_in_log("steered")


@pytest.mark.parametrize("metadata", ["5", "null", "[]"])
def test_metadata_that_is_no_object(host, metadata):
    assert reply_to(host, f'answer {{"response":"a","metadata":{metadata}}}')["content"] == "a"


def test_tokens_beyond_counting(host):
    """Sums of what was used stay what they are, or stop; no number is stored that isn't one."""
    most = (1 << 63) - 1
    for _ in range(2):
        reply_to(host, f'metadata {{"usage":{{"input_tokens":{most},"output_tokens":{most}}}}}', "reply a")
    assert host.get("c")["usage"].get("input_tokens", 0) >= 0
    assert host.send("c", "b")["reply"]["content"] == "Heard: b"


# Several at once


def test_turns_overlap_up_to_the_concurrency(stage, serve):
    host = serve(stage.plugin(concurrency=2), start="cde")
    waiting = {id: host.begin_send(id, do(f"gate {id}", f"reply {id}")) for id in "cde"}
    stage.at("c")
    stage.at("d")
    assert host.request("ping") == {}
    assert len(stage.requests("agent/execute")) == 2
    stage.open("d")
    assert host.expect(waiting["d"])["reply"]["content"] == "d"
    stage.at("e")
    assert len(stage.requests("agent/execute")) == 3
    for id in "ec":
        stage.open(id)
        assert host.expect(waiting[id])["reply"]["content"] == id


def test_executions_count_as_turns_do(stage, serve):
    host = serve(stage.plugin(concurrency=1))
    first = host.begin("agent/execute", {"prompt": do("gate one", "reply one")})
    stage.at("one")
    second = host.begin_send("c", do("gate two", "reply two"))
    assert host.request("ping") == {}
    assert len(stage.requests("agent/execute")) == 1
    stage.open("one")
    stage.open("two")
    assert host.expect(first)["response"] == "one"
    assert host.expect(second)["reply"]["content"] == "two"


def test_answers_may_come_in_any_order(stage, host):
    ids = [host.begin("agent/execute", {"prompt": do(f"gate {n}", f"delta {n}", f"reply {n}"), "stream": True}) for n in range(8)]
    for number in (3, 0, 7, 1, 6, 2, 5, 4):
        stage.open(f"{number}")
        assert host.expect(ids[number])["response"] == f"{number}"
        assert [piece["text"] for what, piece in host.told(ids[number]) if what == "agent/delta"] == [f"{number}"]


def test_two_agents_with_one_command(stage, serve):
    """They are one process, and each is asked in its own name."""
    host = serve(stage.plugin(), agents={"twin": stage.plugin()})
    host.send("c", "a")
    host.request("agent/execute", {"agentId": "twin", "prompt": "a"})
    assert stage.starts() == 1
    assert [request["params"]["agentId"] for request in stage.requests("agent/execute")] == ["steered", "twin"]
