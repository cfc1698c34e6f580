"""More conversations than the process may have files open: old ones are closed for new ones, and opened again."""

import resource

from host import Host
from messages import call


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
