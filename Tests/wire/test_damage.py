"""A bad line with good ones behind it is no torn tail: all that is good can be read, and nothing is written."""

import json

import pytest
from host import Host, run
from messages import WireError, call

pytestmark = pytest.mark.damages_files

TEXTS = ["zero", "one", "two", "three", "four"]


@pytest.fixture
def file(store):
    """A conversation `c` whose events 1 to 5 are messages; its file's line 4 is event 3, the message "two"."""
    session = call("s", "conversation/start", {"conversationId": "c"})
    for text in TEXTS:
        session += call(text, "conversation/send", {"conversationId": "c", "content": text, "execute": False})
    assert run(session, store).status == 0
    return store / "conversations" / "c.jsonl"


def lines_of(file):
    return file.read_bytes().splitlines(keepends=True)


def contents(host):
    return [message["content"] for message in host.history("c")["messages"]]


def refusals(host):
    """What every kind of write is answered with."""
    requests = [
        ("conversation/send", {"content": "x", "execute": False}),
        ("conversation/send", {"content": "x"}),
        ("conversation/update", {"title": "x"}),
        ("conversation/end", {}),
    ]
    for method, params in requests:
        with pytest.raises(WireError) as caught:
            host.request(method, {"conversationId": "c", **params})
        yield caught.value


BAD_LINES = {
    "garbage": lambda line: b"garbage\n",
    "empty": lambda line: b"\n",
    "zeros": lambda line: b"\0" * len(line[:-1]) + b"\n",
    "cut": lambda line: line[:20] + b"\n",
    "no text": lambda line: line.replace(b"two", b"t\xffo"),
    "half a surrogate": lambda line: line.replace(b"two", b"\\ud800"),
    "a raw control character": lambda line: line.replace(b"two", b"t\0o"),
    "a brace too many": lambda line: line.replace(b"}\n", b"}}\n"),
    "a member without a value": lambda line: line.replace(b'"two"', b""),
    "an array": lambda line: b"[" + line[:-1] + b"]\n",
    "a greater seq": lambda line: line.replace(b'"seq":3', b'"seq":7'),
    "the seq of the next line": lambda line: line.replace(b'"seq":3', b'"seq":4'),
    "the seq of the line before": lambda line: line.replace(b'"seq":3', b'"seq":2'),
    "no seq": lambda line: line.replace(b'"seq":3,', b""),
    "no type": lambda line: line.replace(b'"type":"message",', b""),
}


@pytest.mark.parametrize("spoil", BAD_LINES.values(), ids=BAD_LINES)
def test_the_good_lines_are_served_and_nothing_is_written(file, store, spoil):
    lines = lines_of(file)
    offset = sum(len(line) for line in lines[:3])
    lines[3] = spoil(lines[3])
    file.write_bytes(b"".join(lines))
    with Host(store, strict=False) as host:
        assert contents(host) == ["zero", "one", "three", "four"]
        events = host.request("conversation/events", {"conversationId": "c"})["events"]
        assert [event["seq"] for event in events] == [0, 1, 2, 4, 5]
        assert host.history("c", after=1, limit=2)["messages"][-1]["content"] == "three"
        (damage,) = host.get("c")["damaged"]
        assert (damage["line"], damage["offset"]) == (4, offset)
        assert damage["reason"]
        for error in refusals(host):
            assert (error.code, error.kind, error.data["conversationId"]) == (1014, "conversationDamaged", "c")
            assert (error.data["line"], error.data["offset"]) == (4, offset)
        assert host.request("store/info")["damaged"] == [{"conversationId": "c", **damage}]
    assert file.read_bytes() == b"".join(lines)
    assert list(file.parent.iterdir()) == [file]


CHANGES = {"missing": lambda lines: lines.pop(3), "twice": lambda lines: lines.insert(3, lines[3])}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_line_missing_or_there_twice_is_damage(file, store, change):
    lines = lines_of(file)
    change(lines)
    file.write_bytes(b"".join(lines))
    with Host(store, strict=False) as host:
        assert {"zero", "one"} <= set(contents(host))
        assert host.get("c")["damaged"]
        for error in refusals(host):
            assert error.kind == "conversationDamaged"
    assert file.read_bytes() == b"".join(lines)


def test_two_bad_lines_are_both_told(file, store):
    lines = lines_of(file)
    lines[2] = lines[4] = b"garbage\n"
    file.write_bytes(b"".join(lines))
    with Host(store, strict=False) as host:
        assert contents(host) == ["zero", "two", "four"]
        assert [damage["line"] for damage in host.get("c")["damaged"]] == [3, 5]


def test_damage_done_while_the_file_is_open(file, store):
    """Found when the line is next copied into an answer, which it must not spoil."""
    with Host(store, strict=False) as host:
        assert host.get("c")["seq"] == 5
        with open(file, "r+b") as spoiler:
            spoiler.seek(file.read_bytes().index(b'"two"'))
            spoiler.write(b'"t\xffo"')
        assert contents(host) == ["zero", "one", "three", "four"]
        assert [damage["line"] for damage in host.get("c")["damaged"]] == [4]
        assert {error.kind for error in refusals(host)} == {"conversationDamaged"}


def test_a_damaged_conversation_is_listed_and_harms_no_other(file, store):
    lines = lines_of(file)
    lines[3] = b"garbage\n"
    file.write_bytes(b"".join(lines))
    with Host(store, strict=False) as host:
        host.start(conversationId="good")
        assert host.send("good", "x")["reply"]
        page = host.request("conversation/list")
        assert sorted(row["id"] for row in page["conversations"]) == ["c", "good"]


# Lines that are good though this version wouldn't write them


def test_a_line_edited_by_hand_is_read(file, store):
    """White space, another order, escapes: it is an event all the same, and the conversation goes on."""
    lines = lines_of(file)
    event = json.loads(lines[3])
    reordered = dict(reversed(list({**event, "content": "edité"}.items())))
    lines[3] = b" " + json.dumps(reordered, indent=None, separators=(" , ", " : ")).encode() + b"\t\n"
    file.write_bytes(b"".join(lines))
    with Host(store, strict=False) as host:
        assert contents(host) == ["zero", "one", "edité", "three", "four"]
        assert host.send("c", "new", execute=False)["message"]["seq"] == 6
        assert "damaged" not in host.get("c")
    assert file.read_bytes().startswith(b"".join(lines))


def test_what_a_newer_version_wrote_is_kept_and_shown(file, store):
    """An event of an unknown type, and an unknown member of a known one."""
    lines = lines_of(file)
    lines[3] = lines[3].replace(b'"content"', b'"mood":{"x":[1]},"content"')
    time = json.loads(lines[3])["timestamp"]
    lines.append(f'{{"seq":6,"type":"applause","timestamp":"{time}","loud":true}}\n'.encode())
    file.write_bytes(b"".join(lines))
    with Host(store, strict=False) as host:
        assert host.history("c")["messages"][2]["mood"] == {"x": [1]}
        events = host.request("conversation/events", {"conversationId": "c"})["events"]
        assert events[6] == {"seq": 6, "type": "applause", "timestamp": time, "loud": True}
        assert host.send("c", "new", execute=False)["message"]["seq"] == 7
    assert file.read_bytes().startswith(b"".join(lines))


def test_a_file_of_a_newer_format_is_not_written(file, store):
    data = file.read_bytes().replace(b'"format":1', b'"format":2')
    file.write_bytes(data)
    with Host(store, strict=False) as host:
        for error in refusals(host):
            assert "format" in error.message
    assert file.read_bytes() == data
