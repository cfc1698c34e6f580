"""More conversations than the process may have files open: old ones are closed for new ones, and opened again."""

import resource

import pytest
from host import Host
from messages import WireError, call


def test_more_conversations_than_descriptors(store):
    count = 300
    with Host(store, "--durability", "os") as host:
        assert host.request("ping") == {}
        resource.prlimit(host.pid, resource.RLIMIT_NOFILE, (128, 128))
        for number in range(count):
            host.send_raw(call(f"s{number}", "conversation/start", {"conversationId": f"c{number}"}))
            host.send_raw(call(f"m{number}", "conversation/send", {"conversationId": f"c{number}", "content": str(number)}))
        for number in range(count):
            host.expect(f"s{number}")
            assert host.expect(f"m{number}")["reply"]["content"] == f"You said: {number}"
        for number in range(count):
            assert host.history(f"c{number}")["messages"][0]["content"] == str(number)
        page = host.request("conversation/list", {"limit": 1000})
        assert (len(page["conversations"]), page["unreadable"]) == (count, 0)


def test_a_host_on_a_store_of_many(store):
    """Listing them opens each file; none needs to stay open for it."""
    count = 300
    with Host(store, "--durability", "os") as host:
        for number in range(count):
            host.begin("conversation/start", {"conversationId": f"c{number}"})
        host.get(f"c{count - 1}")
    with Host(store) as host:
        assert host.request("ping") == {}
        resource.prlimit(host.pid, resource.RLIMIT_NOFILE, (64, 64))
        page = host.request("conversation/list", {"limit": 1000, "count": True})
        assert (len(page["conversations"]), page["total"], page["unreadable"]) == (count, count, 0)
        assert host.request("store/info")["conversations"] == count
        for number in range(count):
            assert host.get(f"c{number}")["seq"] == 0


def test_turns_that_run_leave_descriptors_for_the_rest(store, configured):
    """Each holds two. Past what there is new ones are refused by a bound's name, and all else goes on."""
    with Host(store, "--durability", "os", "--drain-seconds", "0", config=configured()) as host:
        assert host.request("ping") == {}
        resource.prlimit(host.pid, resource.RLIMIT_NOFILE, (100, 100))
        running = 0
        with pytest.raises(WireError) as caught:
            while running < 100:
                host.start(conversationId=f"h{running}")
                host.send(f"h{running}", "hold", wait=False)
                running += 1
        assert (caught.value.kind, caught.value.data["limit"]) == ("overloaded", "openFiles")
        assert running > 30
        assert len(host.request("conversation/list", {"limit": 1000})["conversations"]) == running
        assert host.request("store/info")["conversations"] == running
        host.request("turn/cancel", {"conversationId": "h0"})
        host.start(conversationId="another")
