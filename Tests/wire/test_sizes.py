"""Lines, trees and answers past their bounds: each is refused by its name, in bounded memory, and life goes on."""

import pytest
from host import Host, run
from messages import WireError, call

MiB = 1 << 20
LINE = 64 * MiB


def refuse(host, id, kind):
    """The next answer must be this refusal, and the line behind it must be served."""
    answer = host.next()
    assert (answer["id"], answer["error"]["data"]["kind"]) == (None, kind)
    assert host.request("ping", id=id) == {}


def ping_of(length):
    head, tail = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":"', b'"}}\n'
    return head + b"x" * (length - len(head) - len(tail) + 1) + tail


def test_the_limits_are_told(host):
    limits = host.request("initialize")["capabilities"]["limits"]
    assert limits == {
        "lineBytes": LINE, "batchMembers": 1000, "depth": 2048, "queuedTurns": 1000, "pageBytes": 16 * MiB,
    }  # fmt: skip


def test_the_longest_line_is_served_and_one_byte_more_is_not(host):
    host.pour(ping_of(LINE))
    assert host.expect(1) == {}
    host.pour(ping_of(LINE + 1))
    refuse(host, "after", "lineTooLong")


def test_a_line_of_100_mib_is_skipped_without_being_held(host):
    for _ in range(100):
        host.pour(b"x" * MiB)
    host.pour(b"\n")
    refuse(host, "after", "lineTooLong")
    assert host.peak_memory() < 300 * MiB


def test_too_long_a_line_is_refused_when_it_is_too_long_not_when_it_ends(host):
    """Nobody knows whether a line end will ever come."""
    host.pour(b"x" * (LINE + MiB))
    assert host.next()["error"]["data"]["kind"] == "lineTooLong"
    host.pour(b'","id":1,"method":"shutdown"}')
    host.close_input()
    assert host.wait() == 0
    assert len(host.lines) == 1


LITTLE = 60 * MiB // 3


@pytest.mark.parametrize(
    ("head", "tail"),
    [(b"[", b"{}]\n"), (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":[', b"{}]}}\n")],
    ids=["a batch", "a param"],
)
def test_a_line_of_countless_little_objects_is_too_complex(host, head, tail):
    """60 MiB of text that would be gigabytes of tree."""
    host.pour(head + b"{}," * LITTLE + tail)
    refuse(host, "after", "tooComplex")
    assert host.peak_memory() < 800 * MiB


@pytest.mark.parametrize("depth", [2_049, 5_000, 100_000, 10_000_000])
@pytest.mark.parametrize("brackets", [b"[]", b"{}"], ids=["arrays", "objects"])
def test_too_deep(host, depth, brackets):
    opening = b"[" if brackets == b"[]" else b'{"a":'
    for text in (opening * depth, opening * depth + b"1" + brackets[1:] * depth):
        host.pour(text + b"\n")
        answer = host.next()
        assert (answer["error"]["code"], answer["error"]["data"]["kind"]) == (-32700, "tooDeep")
    assert host.request("ping") == {}


@pytest.mark.parametrize("depth", [2_000, 2_048])
def test_deep_but_not_too_deep(store, depth):
    """The line's object, its params and the metadata count too. What is taken is stored, and can be read again."""
    nest = "[" * (depth - 3) + "]" * (depth - 3)
    session = call(1, "conversation/start", {"conversationId": "c"})
    params = f'{{"conversationId":"c","content":"x","execute":false,"metadata":{{"nest":{nest}}}}}'
    session += f'{{"jsonrpc":"2.0","id":2,"method":"conversation/send","params":{params}}}\n'.encode()
    history = call(3, "conversation/history", {"conversationId": "c"})
    done = run(session + history, store)
    assert ["result" in answer for answer in done.lines] == [True, True, True]
    assert done.raw.count(nest.encode()) == 2
    assert run(history, store).raw.count(nest.encode()) == 1


def test_an_id_of_a_mebibyte_comes_back(host):
    id = "é" * (MiB // 2)
    assert host.request("ping", id=id) == {}


@pytest.fixture
def long_conversation(host):
    """Five messages of 15 MiB: 75 MiB in all."""
    host.start(conversationId="long")
    for number in range(5):
        content = str(number) * (15 * MiB)
        params = {"conversationId": "long", "content": content, "execute": False}
        host.pour(call(f"m{number}", "conversation/send", params))
        assert host.expect(f"m{number}")["seq"] == number + 1
    return host


def test_pages_end_early_and_lead_on(long_conversation):
    """A page of messages ends near 16 MiB, whatever its limit; following the pages gives each message once."""
    host, after, seen = long_conversation, 0, []
    while True:
        page = host.history("long", after=after)
        assert len(page["messages"]) in (1, 2)
        seen += [message["seq"] for message in page["messages"]]
        after = seen[-1]
        if not page["hasAfter"]:
            break
    assert seen == [1, 2, 3, 4, 5]
    newest = host.history("long")
    assert newest["messages"][-1]["seq"] == 5
    assert (newest["hasBefore"], newest["hasAfter"], newest["total"]) == (True, False, 5)
    page = host.request("conversation/events", {"conversationId": "long"})
    assert page["hasMore"] and page["seq"] == 5 and len(page["events"]) <= 3


def test_an_answer_past_the_longest_line_is_refused_and_the_way_named(long_conversation):
    with pytest.raises(WireError) as caught:
        long_conversation.request("conversation/get", {"conversationId": "long", "messages": True})
    assert (caught.value.code, caught.value.kind) == (1002, "resultTooLarge")
    assert caught.value.data["method"] == "conversation/history"
    assert long_conversation.get("long")["messageCount"] == 5


def test_a_message_longer_than_a_page_is_a_page_of_its_own(host):
    host.start(conversationId="c")
    host.pour(call("m", "conversation/send", {"conversationId": "c", "content": "y" * (20 * MiB), "execute": False}))
    host.expect("m")
    host.send("c", "short", execute=False)
    page = host.history("c", after=0, limit=2)
    assert [len(message["content"]) for message in page["messages"]][0] == 20 * MiB
    assert page["hasBefore"] is False


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("ping", {"n" * (34 * MiB): 1}),
        ("m" * (34 * MiB), None),
        ("conversation/get", {"conversationId": "i" * (34 * MiB)}),
        ("conversation/start", {"agentId": "a" * (34 * MiB)}),
    ],
    ids=["a param's name", "a method", "an id", "an agent"],
)
def test_an_error_does_not_repeat_what_is_too_long(host, method, params):
    """Said in the message and again in the data, it would be longer than a line may be."""
    host.pour(call("e", method, params))
    assert "error" in host.answer("e")
    assert len(host.lines[-1]) <= LINE


def test_a_page_of_a_list_ends_early(host):
    """Titles have no bound of their own."""
    for id in "abc":
        host.start(conversationId=id)
        host.pour(call("t", "conversation/update", {"conversationId": id, "title": id * (24 * MiB)}))
        host.expect("t")
    seen, cursor = [], {}
    while True:
        page = host.request("conversation/list", cursor)
        seen += [row["id"] for row in page["conversations"]]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert sorted(seen) == ["a", "b", "c"]
