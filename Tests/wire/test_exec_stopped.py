"""Commands that are stopped: with SIGTERM, with SIGKILL where that doesn't help, and all that they started with them."""

import signal

import pytest
from messages import WireError
from plugin_kit import NEVER, do, is_unharmed, serve, stage, until  # noqa: F401
from processes import alive_in, descriptors_of, groups_of, wait_until_gone, wait_until_reaped
from streams import finished


def kind_and_data(host, id):
    with pytest.raises(WireError) as caught:
        host.expect(id)
    return caught.value.kind, caught.value.data


def test_a_command_has_a_process_group_of_its_own(stage, serve):
    host = serve(stage.exec())
    host.send("c", "a")
    told = stage.began(mode="exec")
    assert told["group"] == told["pid"]


def cancel_by_turn(host, id):
    host.request("turn/cancel", {"conversationId": "c"})


def cancel_by_request(host, id):
    host.notify("$/cancelRequest", {"id": id})


@pytest.mark.parametrize("cancel", [cancel_by_turn, cancel_by_request])
def test_a_cancelled_turn_ends_its_command_with_sigterm(stage, serve, cancel):
    host = serve(stage.exec(term="tell"))
    id = host.begin_send("c", do("reply Half a", NEVER), stream=True)
    host.wait_for("turn/delta", id)
    cancel(host, id)
    stream = finished(host, id)
    assert (stream.outcome, stream.end["partial"]) == ("cancelled", "Half a")
    assert host.history("c")["turns"][0]["partial"] == "Half a"
    assert stage.wait("signal")["signal"] == signal.SIGTERM
    wait_until_gone(stage)
    wait_until_reaped(host)


def test_a_command_that_passes_over_sigterm_is_killed(stage, serve):
    host = serve(stage.exec(term="ignore"))
    id = host.begin_send("c", do(NEVER))
    stage.at("the end")
    host.notify("$/cancelRequest", {"id": id})
    # Nobody waits for that: the turn is over when it is cancelled.
    assert kind_and_data(host, id)[0] == "cancelled"
    is_unharmed(host)
    wait_until_gone(stage)
    wait_until_reaped(host)


def test_all_of_its_group_is_killed(stage, serve):
    host = serve(stage.exec())
    id = host.begin_send("c", do("spawn", "spawn", NEVER))
    stage.began(2, mode="child")
    host.notify("$/cancelRequest", {"id": id})
    assert kind_and_data(host, id)[0] == "cancelled"
    wait_until_gone(stage)
    is_unharmed(host)


LIMITS = {
    "total": ({"total": 0.3}, []),
    "firstToken": ({"firstToken": 0.3}, []),
    "idle": ({"idle": 0.3}, ["reply Half a"]),
}


@pytest.mark.parametrize(("timeouts", "steps"), LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("term", ["tell", "ignore"])
def test_one_that_takes_too_long(stage, serve, timeouts, steps, term):
    """What it is asked to do is in its arguments, since it may be stopped before it has read anything."""
    host = serve(stage.exec(timeouts=timeouts, first=[*steps, "spawn", NEVER], term=term))
    kind, data = kind_and_data(host, host.begin_send("c", "a"))
    assert (kind, data["limit"]) == ("agentTimeout", *timeouts)
    assert data.get("partial", "") in ("", "Half a")
    is_unharmed(host)
    host.stop()
    if stage.all("began"):
        wait_until_gone(stage)


def test_an_idle_command_is_one_that_has_begun(stage, serve):
    """The time between two pieces doesn't count before the first."""
    host = serve(stage.exec(timeouts={"idle": 0.2, "total": 0.6}, first=[NEVER]))
    assert kind_and_data(host, host.begin_send("c", "a"))[1]["limit"] == "total"


def test_what_it_leaves_running_is_killed(stage, serve):
    """Though it holds the pipe that the reply comes through, and passes over SIGTERM."""
    host = serve(stage.exec())
    waiting = host.begin_send("c", do("spawn", "reply Done.", "gate spawned", "exit 0"))
    stage.began(mode="child")
    stage.open("spawned")
    assert host.expect(waiting)["reply"]["content"] == "Done."
    wait_until_gone(stage)
    wait_until_reaped(host)


def test_what_went_apart_keeps_no_turn_from_its_end(stage, serve):
    """A process that left the group isn't looked for; its holding the pipe changes nothing."""
    host = serve(stage.exec())
    waiting = host.begin_send("c", do("spawn apart", "reply Done.", "gate spawned", "exit 0"))
    apart = stage.began(mode="child")
    stage.open("spawned")
    assert host.expect(waiting)["reply"]["content"] == "Done."
    assert alive_in({apart["group"]}) == [apart["pid"]]


def test_the_host_leaves_none_behind(stage, serve):
    host = serve(stage.exec(term="ignore"), start="cd")
    for id in "cd":
        host.begin_send(id, do("spawn", NEVER))
    stage.began(2, mode="child")
    assert len(groups_of(stage)) == 2
    host.stop()
    wait_until_gone(stage)


def test_none_stays_as_a_zombie(stage, serve):
    """Nor does anything stay open that they were spoken to through."""
    host = serve(stage.exec())
    host.send("c", "first")
    open_at_first = descriptors_of(host)
    for number in range(6):
        host.begin_send("c", do(*(["reply a"] if number % 2 else ["exit 1"])))
    host.request("conversation/send", {"conversationId": "c", "content": "last"})
    wait_until_reaped(host)
    wait_until_gone(stage)
    until(lambda: descriptors_of(host) <= open_at_first, f"{descriptors_of(host)} descriptors to become {open_at_first}")
