"""A write that the system refuses: nothing is acknowledged, nothing half-written stays, and the next one tries afresh.

The limit on the size of files stands in for a full disk: it can be set on a running process and taken away again.
"""

import errno
import resource

import contract
import pytest
from host import Host
from messages import WireError


@pytest.fixture
def host(store):
    # Python ignores SIGXFSZ and the child inherits that, so a write past the limit fails instead of killing.
    with Host(store, restore_signals=False) as host:
        yield host


def limit_files(host, bytes):
    _, hard = resource.prlimit(host.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(host.pid, resource.RLIMIT_FSIZE, (bytes, hard))


def free(host):
    limit_files(host, resource.RLIM_INFINITY)


def failure(host, method, **params):
    with pytest.raises(WireError) as caught:
        host.request(method, params)
    assert (caught.value.code, caught.value.kind, caught.value.data["retryable"]) == (1030, "storeFailed", True)
    # A write that took only some of the bytes gives no reason of its own.
    assert caught.value.data["errno"] in (errno.EFBIG, errno.ENOSPC)


@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_message_that_does_not_fit(host, room):
    """The disk takes some bytes of the line, or none: the file is as it was, and works again when there is room."""
    host.start(conversationId="c")
    host.send("c", "before")
    data = host.file("c").read_bytes()
    limit_files(host, len(data) + room)
    for _ in range(2):
        failure(host, "conversation/send", conversationId="c", content="x" * 200, execute=False)
        failure(host, "conversation/update", conversationId="c", title="y" * 200)
        assert host.file("c").read_bytes() == data
    assert host.history("c")["total"] == 2
    assert "title" in host.get("c") and host.get("c")["title"] == "before"
    free(host)
    seq = host.send("c", "after", execute=False)["seq"]
    assert contract.check_file(host.file("c"))[seq]["content"] == "after"


def test_a_turn_that_does_not_fit(host):
    host.start(conversationId="c")
    data = host.file("c").read_bytes()
    limit_files(host, len(data) + 10)
    failure(host, "conversation/send", conversationId="c", content="x")
    assert host.file("c").read_bytes() == data
    free(host)
    assert host.send("c", "x", whenBusy="reject")["reply"]["content"] == "You said: x"


def test_a_conversation_that_does_not_fit_is_not_there(host):
    host.start(conversationId="other")
    limit_files(host, 10)
    failure(host, "conversation/start", conversationId="c", title="x" * 100)
    assert not host.file("c").exists()
    free(host)
    assert host.start(conversationId="c")["seq"] == 0
    assert sorted(path.name for path in host.store.glob("conversations/*")) == ["c.jsonl", "other.jsonl"]


def test_all_that_waits_for_one_write_fails_with_it(host):
    """And what did not need that write does not."""
    host.start(conversationId="c")
    host.start(conversationId="d")
    limit_files(host, host.file("c").stat().st_size + 50)
    ids = [host.begin_send("c", "x" * 200, execute=False) for _ in range(20)]
    for id in ids:
        with pytest.raises(WireError) as caught:
            host.expect(id)
        assert caught.value.kind == "storeFailed"
    assert len(contract.check_file(host.file("c"))) == 1
    assert host.request("ping") == {}
    assert host.get("d")["seq"] == 0
