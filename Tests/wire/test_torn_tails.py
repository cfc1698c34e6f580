"""A file whose end was being written when the process or the machine died: the next write mends it and goes on.

What is cut is never thrown away: it goes to a file beside, whose name says where it stood.
"""

import contract
import pytest
from host import Host, run
from messages import call

TEXTS = ["zero", "one", "two", "three"]


@pytest.fixture
def file(store):
    """A conversation `c` with four messages, which no process has open."""
    session = call("s", "conversation/start", {"conversationId": "c"})
    for text in TEXTS:
        session += call(text, "conversation/send", {"conversationId": "c", "content": text, "execute": False})
    assert run(session, store).status == 0
    return store / "conversations" / "c.jsonl"


def contents(host):
    return [message["content"] for message in host.history("c")["messages"]]


def torn_copies(file):
    return {copy.name: copy.read_bytes() for copy in file.parent.glob("*.torn-*")}


def whole_lines(data, count):
    return b"".join(data.splitlines(keepends=True)[:count])


TAILS = {
    "cut in the middle of a line": lambda line: line[: len(line) // 2],
    "cut after a byte": lambda line: line[:1],
    "cut before its last brace": lambda line: line[:-2],
    "a line of garbage": lambda line: b"garbage\n",
    "garbage without a line end": lambda line: b"garbage",
    "zeros": lambda line: b"\0" * 5000,
    "zeros and a line end": lambda line: b"\0" * 100 + b"\n",
    "zeros, where a line had begun": lambda line: line[:20] + b"\0" * 5000,
    "an empty object": lambda line: b"{}\n",
    "bytes that are no text": lambda line: line[:30] + b"\xff\xfe" + line[32:],
    "many bad lines": lambda line: b"{\n" * 100 + b"\0\n",
    "an empty line": lambda line: b"\n",
    "more than a block": lambda line: line[:30] + b"x" * 200_000,
    "a member cut out": lambda line: line.replace(b'"type":"message",', b""),
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
def test_a_torn_tail_is_copied_aside_and_cut(file, store, tail):
    """The good lines are served before and after; the next event takes the torn one's place."""
    data = file.read_bytes()
    good = whole_lines(data, 4)
    torn = tail(data[len(good) :])
    file.write_bytes(good + torn)
    with Host(store) as host:
        assert contents(host) == TEXTS[:3]
        assert "damaged" not in host.get("c")
        assert host.send("c", "new", execute=False)["message"]["seq"] == 4
        assert contents(host) == TEXTS[:3] + ["new"]
        assert "damaged" not in host.get("c")
        assert file.read_bytes().startswith(good)
        assert torn_copies(file) == {f"c.jsonl.torn-{len(good)}": torn}
    assert "c.jsonl" in host.stderr, "mending a file is worth a line in the log"


def test_a_whole_last_line_gets_its_end(file, store):
    """Only the line end was missing: the event is kept, and nothing is copied aside."""
    data = file.read_bytes()
    file.write_bytes(data[:-1])
    with Host(store) as host:
        assert host.send("c", "new", execute=False)["message"]["seq"] == 5
        assert contents(host) == [*TEXTS, "new"]
    assert file.read_bytes().startswith(data)
    assert torn_copies(file) == {}


@pytest.mark.damages_files
def test_reading_alone_cuts_nothing(file, store):
    """Another process may be in the middle of writing that line."""
    torn = file.read_bytes()[:-10]
    file.write_bytes(torn)
    with Host(store) as host:
        assert contents(host) == TEXTS[:3]
        assert host.get("c")["seq"] == 3
        assert [row["seq"] for row in host.request("conversation/list")["conversations"]] == [3]
        assert len(host.request("conversation/events", {"conversationId": "c"})["events"]) == 4
    assert file.read_bytes() == torn
    assert torn_copies(file) == {}


def test_a_tail_that_is_torn_twice_is_copied_twice(file, store):
    data = file.read_bytes()
    for count, rest in ((4, b"first"), (5, b"second")):
        file.write_bytes(whole_lines(file.read_bytes(), count) + rest)
        with Host(store) as host:
            host.send("c", f"new {count}", execute=False)
    assert sorted(torn_copies(file).values()) == [b"first", b"second"]
    assert [event["content"] for event in contract.check_file(file)[1:]] == [*TEXTS[:3], "new 4", "new 5"]
    assert data.startswith(whole_lines(file.read_bytes(), 4))


def test_every_place_to_cut_the_last_line(file, store):
    """Wherever it was cut, what was there before is there, and the file is good again after the next write."""
    data = file.read_bytes()
    good = whole_lines(data, 4)
    with Host(store) as host:
        for place in range(len(good), len(data)):
            id = f"cut{place}"
            path = host.file(id)
            path.write_bytes(data[:place].replace(b'"id":"c"', f'"id":"{id}"'.encode(), 1))
            sent = host.send(id, "new", execute=False)["message"]
            assert [event["seq"] for event in contract.check_file(path)] == list(range(sent["seq"] + 1))
            # The very last place leaves a whole event without its line end.
            assert sent["seq"] == (5 if place == len(data) - 1 else 4)


def test_a_tail_torn_while_the_file_is_open(file, store):
    """A neighbour dies in the middle of its write, under the eyes of a host that has the conversation open."""
    with Host(store) as host:
        assert contents(host) == TEXTS
        with open(file, "ab") as neighbour:
            neighbour.write(b'{"seq":5,"type":"mess')
        assert contents(host) == TEXTS
        assert host.send("c", "new", execute=False)["message"]["seq"] == 5
        assert contents(host) == [*TEXTS, "new"]
    assert list(torn_copies(file).values()) == [b'{"seq":5,"type":"mess']


@pytest.mark.damages_files
@pytest.mark.parametrize("data", [b"", b"\n", b"\0" * 100, b'{"seq":0,"type":"star', b"garbage\n"], ids=repr)
def test_a_file_without_even_a_first_event(store, data):
    """There is nothing to go on from: it is refused by a name, kept as it is, and nothing else suffers."""
    with Host(store) as host:
        host.start(conversationId="good")
        host.file("c").write_bytes(data)
        for method, params in [("get", {}), ("history", {}), ("send", {"content": "x"}), ("end", {})]:
            answer = host.answer(host.begin(f"conversation/{method}", {"conversationId": "c", **params}))
            assert answer["error"]["data"]["kind"] in ("conversationDamaged", "conversationNotFound", "storeFailed")
        assert host.file("c").read_bytes() == data
        assert host.send("good", "x")["reply"]
