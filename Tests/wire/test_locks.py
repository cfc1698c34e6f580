"""A neighbour that holds a file's lock and does nothing: its conversation waits, and nothing else does."""

import fcntl
import time

import contract
import pytest
from messages import WireError


@pytest.fixture
def held(host):
    """A host with conversations `c` and `d`, and the open file of `c`, locked as a writer of it would lock it."""
    host.start(conversationId="c")
    host.start(conversationId="d")
    with open(host.file("c"), "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield host, file


def test_others_go_on_and_reading_does(held):
    host, file = held
    waiting = [host.begin_send("c", str(number), execute=False) for number in range(3)]
    assert host.send("d", "x")["reply"]["content"] == "You said: x"
    assert host.request("ping") == {}
    assert not any(host.has_answered(id) for id in waiting)
    fcntl.flock(file, fcntl.LOCK_UN)
    assert [host.expect(id)["seq"] for id in waiting] == [1, 2, 3]
    assert [event.get("content") for event in contract.check_file(host.file("c"))] == [None, "0", "1", "2"]


def test_what_the_neighbour_wrote_meanwhile_comes_first(held):
    host, file = held
    waiting = host.begin_send("c", "ours", execute=False)
    assert host.request("ping") == {}
    start = contract.check_file(host.file("c"))[0]["timestamp"]
    file.write(f'{{"seq":1,"type":"updated","timestamp":"{start}","set":{{"title":"theirs"}}}}\n'.encode())
    file.flush()
    fcntl.flock(file, fcntl.LOCK_UN)
    assert host.expect(waiting)["seq"] == 2
    assert host.get("c")["title"] == "theirs"


def test_after_five_seconds_they_fail_and_may_be_tried_again(held):
    """All that wait, and not each one five seconds after the one before it."""
    host, file = held
    begun = time.monotonic()
    waiting = [host.begin_send("c", str(number), execute=number < 2) for number in range(4)]
    for id in waiting:
        with pytest.raises(WireError) as caught:
            host.expect(id)
        assert (caught.value.code, caught.value.kind, caught.value.data["retryable"]) == (1030, "storeFailed", True)
    assert time.monotonic() - begun < 12
    assert len(contract.check_file(host.file("c"))) == 1
    fcntl.flock(file, fcntl.LOCK_UN)
    assert host.send("c", "again", whenBusy="reject")["reply"]["content"] == "You said: again"
