"""However the host ends, no process of a plugin is left, nor of what it started in its group."""

import signal

import contract
import pytest
from plugin_kit import NEVER, do, serve, stage, until  # noqa: F401
from processes import alive_among, alive_in, children_of, groups_of, wait_until_gone
from test_processes import take_signal


def end_of_input(host):
    host.close_input()
    assert host.wait() == 0


def shutdown(host):
    host.request("shutdown")
    assert host.wait() == 0


def sigterm(host):
    host.stop()


def sigterm_twice(host):
    take_signal(host)
    take_signal(host)
    host.wait()


def sigkill(host):
    assert host.kill() == -signal.SIGKILL


WAYS = [end_of_input, shutdown, sigterm, sigterm_twice, sigkill]
WAYS_AMID_A_TURN = [sigterm, sigterm_twice, sigkill]


@pytest.mark.parametrize("end", WAYS)
def test_a_plugin_leaves_with_the_host(stage, serve, end):
    """And so does everything else that it has started."""
    host = serve(stage.plugin(), agents={"command": stage.exec()})
    host.send("c", "a")
    host.request("agent/execute", {"agentId": "command", "prompt": "a"})
    started = children_of(host.pid)
    assert stage.began()["pid"] in started
    end(host)
    wait_until_gone(stage)
    until(lambda: not alive_among(started), f"the end of {alive_among(started)}")


@pytest.mark.parametrize("end", [end_of_input, shutdown, sigterm])
def test_it_is_asked_to_leave_before_it_is_made_to(stage, serve, end):
    """The end of its input comes first, and one that leaves then is never signalled."""
    host = serve(stage.plugin(term="tell"))
    host.send("c", "a")
    end(host)
    stage.wait(over=True)
    wait_until_gone(stage)
    assert stage.all("signal") == []


@pytest.mark.parametrize("end", [end_of_input, sigterm])
def test_sigterm_comes_before_sigkill(stage, serve, end):
    host = serve(stage.plugin(term="tell", stay=True))
    host.send("c", "a")
    end(host)
    assert stage.wait("signal")["signal"] == signal.SIGTERM
    wait_until_gone(stage)


@pytest.mark.parametrize("end", WAYS)
def test_a_stubborn_plugin_is_made_to_leave(stage, serve, end):
    """It passes over its input's end and SIGTERM, and so does its child."""
    host = serve(stage.plugin(term="ignore", stay=True))
    host.send("c", do("spawn", "reply a"))
    stage.began(mode="child")
    end(host)
    wait_until_gone(stage)


@pytest.mark.parametrize("end", WAYS)
def test_a_child_is_not_left_by_a_plugin_that_leaves(stage, serve, end):
    host = serve(stage.plugin())
    host.send("c", do("spawn", "reply a"))
    stage.began(mode="child")
    end(host)
    wait_until_gone(stage)


@pytest.mark.parametrize("end", WAYS_AMID_A_TURN)
@pytest.mark.parametrize("kind", ["plugin", "exec"])
def test_amid_a_turn(stage, serve, end, kind):
    make = stage.plugin if kind == "plugin" else stage.exec
    host = serve(make(term="ignore"))
    host.begin_send("c", do("spawn", NEVER))
    stage.began(mode="child")
    end(host)
    wait_until_gone(stage)


def test_a_host_that_is_killed_while_a_plugin_starts(stage, serve):
    host = serve(stage.plugin(first=["gate start"], term="ignore", stay=True))
    host.begin_send("c", "a")
    stage.at("start")
    host.kill()
    wait_until_gone(stage)


def test_a_turn_of_a_host_that_is_killed_is_interrupted(stage, serve):
    host = serve(stage.plugin())
    id = host.begin_send("c", do("delta Half a", NEVER), stream=True)
    turn = host.wait_for("turn/delta", id)["turnId"]
    host.kill()
    wait_until_gone(stage)
    later = serve(stage.plugin(), start=())
    (shown,) = later.history("c")["turns"]
    assert (shown["turnId"], shown["outcome"]) == (turn, "interrupted")
    ended = [event for event in contract.check_file(later.file("c")) if event["type"] == "turnEnded"]
    assert [(event["turnId"], event["outcome"]) for event in ended] == [(turn, "interrupted")]
    assert later.send("c", "a")["reply"]["content"] == "Heard: a"


def test_many_plugins_leave_side_by_side(stage, serve):
    """Each has its second and its other second, and they are the same ones for all."""
    agents = {f"agent{number}": stage.plugin(term="ignore", stay=True, settings={"n": number}) for number in range(8)}
    host = serve(stage.plugin(), agents=agents)
    for agent in agents:
        host.request("agent/execute", {"agentId": agent, "prompt": "a"})
    assert len(alive_in(groups_of(stage))) == 8
    host.stop()
    wait_until_gone(stage)


@pytest.mark.parametrize("end", [end_of_input, shutdown])
def test_turns_end_before_their_plugin_does(stage, serve, end):
    """The host's input is over, and its plugin works on until its turn is."""
    host = serve(stage.plugin(), start="cd")
    id = host.begin_send("c", do("gate on", "reply a"))
    stage.at("on")
    if end is shutdown:
        host.begin("shutdown")
    host.close_input()
    stage.open("on")
    assert host.wait() == 0
    assert host.expect(id)["reply"]["content"] == "a"
    wait_until_gone(stage)
