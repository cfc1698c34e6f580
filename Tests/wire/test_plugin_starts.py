"""A plugin that doesn't start, or not as it should: who waits for it is told why, and the next turn tries again."""

import pytest
from messages import WireError
from plugin_kit import NEVER, do, is_unharmed, serve, stage  # noqa: F401
from processes import wait_until_gone, wait_until_reaped


def error_of(host, id):
    with pytest.raises(WireError) as caught:
        host.expect(id)
    assert caught.value.data["agentId"] == "steered"
    return caught.value


def test_it_leaves_at_once(stage, serve):
    host = serve(stage.plugin(first=["gate start"]), start="cd")
    ids = [host.begin_send(id, "a") for id in "cd"]
    stage.open("start", "stderr no luck", "exit 4")
    for id in ids:
        error = error_of(host, id)
        assert (error.kind, error.data["exitStatus"]) == ("agentFailed", 4)
        assert "no luck" in error.data["stderr"]
    is_unharmed(host)
    # It starts anew after a pause, for which this turn waits.
    waiting = host.begin_send("c", "b")
    stage.open("start")
    assert host.expect(waiting)["reply"]["content"] == "Heard: b"
    wait_until_reaped(host)


def test_it_leaves_each_time(stage, serve):
    """Each turn is one start, and has its own error."""
    host = serve(stage.plugin(first=["exit 4"]))
    for _ in range(3):
        assert error_of(host, host.begin_send("c", "a")).data["exitStatus"] == 4
    assert stage.starts() == 3
    (agent,) = [agent for agent in host.request("agent/list")["agents"] if agent["id"] == "steered"]
    assert agent["state"] in ("idle", "resting") and agent["capabilities"] == []
    wait_until_reaped(host)


def test_a_turn_that_waits_for_its_start_can_be_cancelled(stage, serve):
    host = serve(stage.plugin(first=["gate start"]), start="cd")
    first, other = (host.begin_send(id, "a") for id in "cd")
    stage.at("start")
    host.notify("$/cancelRequest", {"id": first})
    assert error_of_cancelled(host, first) == "cancelled"
    stage.open("start")
    assert host.expect(other)["reply"]["content"] == "Heard: a"
    asked = [request["params"]["conversation"]["id"] for request in stage.requests("agent/execute")]
    assert asked == ["d"]


def error_of_cancelled(host, id):
    return host.answer(id)["error"]["data"]["kind"]


def test_a_turn_that_waits_for_the_pause_can_be_cancelled(stage, serve):
    host = serve(stage.plugin(first=["gate start"]))
    id = host.begin_send("c", "a")
    for _ in range(2):
        stage.open("start", "exit 4")
        assert error_of(host, id).kind == "agentFailed"
        id = host.begin_send("c", "a")
    host.notify("$/cancelRequest", {"id": id})
    assert error_of_cancelled(host, id) == "cancelled"
    assert host.history("c")["turns"][-1]["outcome"] == "cancelled"


def test_a_time_out_counts_while_it_starts(stage, serve):
    host = serve(stage.plugin(on={"initialize": [NEVER]}, timeouts={"total": 0.3}))
    error = error_of(host, host.begin_send("c", "a"))
    assert (error.kind, error.data["limit"]) == ("agentTimeout", "total")
    is_unharmed(host)


def test_it_says_why_it_cannot_work(stage, serve):
    no = {"code": -7, "message": "No licence.", "data": {"n": 1}}
    host = serve(stage.plugin(on={"initialize": ["gate hello"]}))
    id = host.begin_send("c", "a")
    stage.open("hello", 'error {"code":-7,"message":"No licence.","data":{"n":1}}')
    error = error_of(host, id)
    assert (error.kind, error.data["agentError"]) == ("agentFailed", no)
    id = host.begin_send("c", "a")
    stage.open("hello", 'error {"code":-7,"message":"No key.","data":{"kind":"unavailable"}}')
    error = error_of(host, id)
    assert (error.kind, error.data["agentError"]["message"]) == ("agentUnavailable", "No key.")
    id = host.begin_send("c", "a")
    stage.open("hello")
    assert host.expect(id)["reply"]["content"] == "Heard: a"


MISSHAPEN = [
    "null", "5", "[]", "{}", '{"name":"x","version":"1"}', '{"name":"x","version":"1","capabilities":"agent/execute"}',
    '{"name":"x","version":"1","capabilities":[1]}', '{"name":5,"version":"1","capabilities":["agent/execute"]}',
]  # fmt: skip


@pytest.mark.parametrize("result", MISSHAPEN)
def test_it_answers_its_start_in_another_shape(stage, serve, result):
    host = serve(stage.plugin(on={"initialize": ["gate hello"]}))
    id = host.begin_send("c", "a")
    stage.open("hello", f"answer {result}")
    error = error_of(host, id)
    assert error.kind == "agentFailed" and "initialize" in error.message
    stage.wait(gone=stage.began()["pid"])
    id = host.begin_send("c", "a")
    stage.open("hello")
    assert host.expect(id)["reply"]["content"] == "Heard: a"


def test_it_speaks_no_json(stage, serve):
    """Such as a shell would, that prints what it is asked."""
    host = serve({"kind": "plugin", "command": ["sh", "-c", "echo hello; echo what is it; cat >/dev/null"]})
    error = error_of(host, host.begin_send("c", "a"))
    assert error.kind == "agentFailed"
    is_unharmed(host)


@pytest.mark.parametrize("way", ["input", "signal"])
def test_the_host_leaves_while_it_starts(stage, serve, way):
    host = serve(stage.plugin(on={"initialize": [NEVER]}, timeouts={"total": 0.5}, stay=True, term="ignore"))
    id = host.begin_send("c", "a")
    stage.request("initialize")
    if way == "input":
        host.close_input()
        assert host.wait() == 0
    else:
        host.stop()
    assert host.answer(id)["error"]["data"]["kind"] in ("agentTimeout", "cancelled")
    wait_until_gone(stage)


def test_several_agents_start_side_by_side(stage, serve):
    host = serve(stage.plugin(first=["gate one"]), agents={"other": stage.plugin(first=["gate two"])})
    one = host.begin("agent/execute", {"prompt": "a"})
    two = host.begin("agent/execute", {"prompt": "b", "agentId": "other"})
    stage.at("one")
    stage.open("two")
    assert host.expect(two)["response"] == "Heard: b"
    stage.open("one")
    assert host.expect(one)["response"] == "Heard: a"


def test_it_inherits_nothing_but_its_pipes(stage, serve):
    """Files and pipes of the host, or of other programs, would be held open by whoever inherits them."""
    agents = {"other": stage.plugin(settings={"n": 1}), "command": stage.exec()}
    host = serve(stage.plugin(), agents=agents, start="cde")
    waiting = host.begin_send("c", do("gate on", "reply a"))
    stage.at("on")
    for id, agent in (("d", "other"), ("e", "command")):
        host.request("conversation/update", {"conversationId": id, "agentId": agent})
        host.send(id, "a")
    stage.open("on")
    host.expect(waiting)
    assert [sorted(told["descriptors"]) for told in stage.all("began")] == [[0, 1, 2]] * 3
