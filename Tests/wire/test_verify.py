"""`store/verify` and `parley verify`: each kind of damage is told, and repaired with every good event kept."""

import json
import os

import contract
import fold
import insight
import pytest
from command import parley
from host import Host
from messages import WireError

damaging = pytest.mark.damages_files


@pytest.fixture
def file(store, configured):
    """A conversation `c` of thirteen events: 0 started, 1 user "a", 2 its reply, 3 insight, 4 user "b", 5 its reply,
    6 insight, 7 superseded from 4, 8 user "fail", 9 turnEnded, 10 insight, 11 updated, 12 user "end"; and a good one
    `d` of four."""
    with Host(store, config=configured()) as host:
        for id in "cd":
            host.start(conversationId=id)
            host.send(id, "a")
        wrong = host.send("c", "b")["message"]["id"]
        with pytest.raises(WireError):
            host.send("c", "fail", replaces=wrong)
        host.request("conversation/update", {"conversationId": "c", "title": "t", "context": {"k": 1}})
        host.send("c", "end", execute=False)
    path = store / "conversations" / "c.jsonl"
    types = [event["type"] for event in contract.check_file(path)]
    assert types == [
        "started", "message", "message", "insight", "message", "message", "insight", "superseded", "message",
        "turnEnded", "insight", "updated", "message",
    ]  # fmt: skip
    return path


def lines_of(file):
    return file.read_bytes().splitlines(keepends=True)


def put(file, lines):
    file.write_bytes(b"".join(lines))


def verified(store):
    """What `parley verify --json` finds, which is what the method answers, and whether it leaves with 1."""
    done = parley(store, "verify", "--json")
    found = contract.parse(done.stdout.encode())
    contract.check_result("store/verify", found)
    with Host(store, strict=False) as host:
        assert host.request("store/verify") == found
    is_good = not (found["damaged"] or found["torn"] or found["unreadable"])
    assert done.status == (0 if is_good else 1)
    assert done.stderr.startswith("conversationDamaged: ") != is_good
    assert parley(store, "verify").status == done.status
    return found


def copies(file):
    return {path for path in file.parent.iterdir() if path.suffix != ".jsonl"}


def plain(events):
    """Events apart from where they stand, and where a count stood."""
    places = ("seq", "fromSeq", "checkpoint")
    return [{name: value for name, value in event.items() if name not in places} for event in events]


def test_a_good_store(store, file):
    found = verified(store)
    assert found == {
        "conversations": 2, "events": 17, "bytes": sum(path.stat().st_size for path in store.glob("conversations/*")),
        "damaged": [], "torn": [], "unreadable": [], "leftovers": [],
    }  # fmt: skip
    before = {path: path.read_bytes() for path in store.glob("*/*")}
    assert parley(store, "verify") == (0, "2 conversations, 17 events: all good\n", "")
    assert parley(store, "verify", "--repair", "c") == (0, "c is as it should be\n", "")
    assert {path: path.read_bytes() for path in store.glob("*/*")} == before


def test_an_empty_store(store):
    store.mkdir()
    assert parley(store, "verify") == (0, "0 conversations, 0 events: all good\n", "")


BAD = {
    "garbage": (lambda lines: lines.__setitem__(2, b"garbage\n"), [2], 3),
    "no text": (lambda lines: lines.__setitem__(2, lines[2].replace(b"Heard", b"He\xffrd")), [2], 3),
    "zeros": (lambda lines: lines.__setitem__(2, b"\0" * 500 + b"\n"), [2], 3),
    "a line missing": (lambda lines: lines.pop(2), [2], 3),
    "a line twice": (lambda lines: lines.insert(2, lines[2]), [], 4),
    "a wrong seq": (lambda lines: lines.__setitem__(2, lines[2].replace(b'"seq":2', b'"seq":9')), [], 3),
    "an empty line": (lambda lines: lines.insert(2, b"\n"), [], 3),
    "two bad ones": (lambda lines: lines.__setitem__(slice(10, 12), [b"x\n", b"y\n"]), [10, 11], 11),
    "before what is superseded": (lambda lines: lines.__setitem__(1, b"x\n"), [1], 2),
    "where superseding begins": (lambda lines: lines.__setitem__(4, b"x\n"), [4], 5),
    "the one that supersedes": (lambda lines: lines.__setitem__(7, b"x\n"), [7], 8),
    "the end of a turn": (lambda lines: lines.__setitem__(9, b"x\n"), [9], 10),
    "the end of a turn and what was found out": (
        lambda lines: lines.__setitem__(slice(9, 11), [b"x\n", b"y\n"]), [9, 10], 10,
    ),
    "what was found out": (lambda lines: lines.__setitem__(3, b"x\n"), [3], 4),
}


@damaging
@pytest.mark.parametrize(("spoil", "lost", "line"), BAD.values(), ids=BAD)
def test_damage_is_told_and_repaired(store, file, configured, spoil, lost, line):
    original = fold.read(file)
    lines = lines_of(file)
    spoil(lines)
    put(file, lines)
    spoilt = file.read_bytes()
    found = verified(store)
    first = found["damaged"][0]
    assert (first["conversationId"], first["line"]) == ("c", line)
    assert first["offset"] == sum(len(text) for text in lines[: line - 1])
    assert (found["conversations"], found["torn"], found["unreadable"]) == (2, [], [])
    assert f"c             {line}" in parley(store, "verify").stdout
    assert file.read_bytes() == spoilt

    done = parley(store, "verify", "--repair", "c")
    assert (done.status, done.stderr) == (0, "")
    (copy,) = copies(file)
    assert copy.read_bytes() == spoilt and str(copy) in done.stdout
    assert copy.stat().st_mode & 0o777 == file.stat().st_mode & 0o777 == 0o600
    events = contract.check_file(file)
    # Every good event is there, in its order, and what was superseded is still just that.
    kept = [event for event in original if event["seq"] not in lost]
    assert plain(events) == plain(kept)
    # Where a count stood would be told in numbers that no longer hold.
    assert not any("checkpoint" in event for event in events)
    if 7 not in lost:
        gone = {message["id"] for message in original[4:6]}
        assert [message["id"] for message in fold.history(events)] == [
            event["id"] for event in kept if event["type"] == "message" and event["id"] not in gone
        ]
    assert verified(store)["damaged"] == []
    with Host(store, config=configured()) as host:
        assert "damaged" not in host.get("c")
        assert host.send("c", "on", execute=False)["message"]["content"] == "on"
        fold.check(host, "c")
        insight.check(host, "c")


@damaging
def test_the_first_line_is_lost(store, file):
    """Then a beginning is made up, for whom it would be without a word."""
    lines = lines_of(file)
    put(file, [b"garbage\n", *lines[1:]])
    found = verified(store)
    assert "c" in {entry["conversationId"] for entry in found["damaged"] + found["unreadable"]}
    assert parley(store, "verify", "--repair", "c").status == 0
    events = contract.check_file(file)
    assert plain(events[1:]) == plain(map(contract.parse, lines[1:]))
    assert (events[0]["conversation"]["id"], events[0]["timestamp"]) == ("c", events[1]["timestamp"])
    with Host(store) as host:
        fold.check(host, "c")
        assert host.send("c", "on", execute=False)["message"]["seq"] == len(events)


TAILS = {
    "half a line": lambda line: line[:-20],
    "a line without its end": lambda line: line[:-1],
    "zeros": lambda line: line + b"\0" * 4096,
    "garbage": lambda line: line + b"garbage\n",
}


@damaging
@pytest.mark.parametrize("tear", TAILS.values(), ids=TAILS)
def test_a_torn_end_is_told_and_repaired_or_mended(store, file, tear):
    lines = lines_of(file)
    put(file, [*lines[:-1], tear(lines[-1])])
    found = verified(store)
    assert (found["damaged"], found["unreadable"]) == ([], [])
    (torn,) = found["torn"]
    whole = tear(lines[-1]).startswith(lines[-1])
    assert (torn["conversationId"], torn["line"]) == ("c", len(lines) + whole)
    assert torn["offset"] == sum(len(line) for line in lines[: len(lines) - 1 + whole])
    assert "c" in parley(store, "verify").stdout
    assert parley(store, "verify", "--repair", "c").status == 0
    is_kept = tear(lines[-1]).startswith(lines[-1][:-1])
    assert len(contract.check_file(file)) == len(lines) - 1 + is_kept
    assert verified(store)["torn"] == []


NOTHING = {"garbage": b"garbage\n", "zeros": b"\0" * 100, "nothing": b"", "other JSON": b'{"a":1}\n[]\n'}


@damaging
@pytest.mark.parametrize("data", NOTHING.values(), ids=NOTHING)
def test_a_file_without_any_event(store, file, data):
    """It is told of, it is in no list without being counted, and its repair makes it a conversation without events."""
    file.write_bytes(data)
    found = verified(store)
    assert "c" in {entry["conversationId"] for name in ("damaged", "torn", "unreadable") for entry in found[name]}
    with Host(store, strict=False) as host:
        page = host.request("conversation/list")
        assert [row["id"] for row in page["conversations"]] == ["d"]
        assert page["unreadable"] == 1
    assert parley(store, "verify", "--repair", "c").status == 0
    contract.check_file(file)
    assert verified(store)["unreadable"] == []
    with Host(store) as host:
        assert host.get("c")["messageCount"] == 0


@damaging
def test_a_newer_format_is_not_repaired(store, file):
    lines = lines_of(file)
    put(file, [lines[0].replace(b'"format":1', b'"format":2'), *lines[1:3], b"garbage\n", *lines[4:]])
    before = file.read_bytes()
    done = parley(store, "verify", "--repair", "c")
    assert (done.status, done.stdout) == (1, "")
    assert "format" in done.stderr
    assert file.read_bytes() == before and copies(file) == set()


@pytest.mark.parametrize("id", ["none", "../conversations/c", ".", "c.jsonl", "a/b"])
def test_what_is_not_there_is_not_repaired(store, file, id):
    before = file.read_bytes()
    done = parley(store, "verify", f"--repair={id}")
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.startswith("conversationNotFound: ")
    assert file.read_bytes() == before and copies(file) == set()


@damaging
def test_what_stands_about(store, file):
    """Files of nobody are told, and are no damage; copies that recovery made are known."""
    (store / "conversations" / "notes.txt").write_text("x")
    (store / "conversations" / "c.jsonl.torn-12").write_text("x")
    (store / "conversations" / ".gone.1.2.new").write_text("x")
    (store / "trash" / "x.jsonl").write_text("x")
    found = verified(store)
    assert found["leftovers"] == ["conversations/.gone.1.2.new", "conversations/notes.txt", "trash/x.jsonl"]
    assert "trash/x.jsonl" in parley(store, "verify").stdout


@damaging
def test_a_folder_where_a_file_should_be(store, file):
    (store / "conversations" / "f.jsonl").mkdir()
    assert [entry["conversationId"] for entry in verified(store)["unreadable"]] == ["f"]
    assert parley(store, "verify", "--repair", "f").status == 1


@damaging
def test_another_process_has_it_open_while_it_is_repaired(store, file, configured):
    """Before, it refuses to write; after, it goes on from the repaired file, with the seqs that it has now."""
    options = {"config": configured(), "strict": False}
    with Host(store, **options) as host, Host(store, **options) as idle:
        for each in (host, idle):
            assert each.get("c")["seq"] == 12
        lines = lines_of(file)
        put(file, [*lines[:2], b"garbage\n", b"more\n", *lines[3:]])
        for each in (host, idle):
            each.history("c")
        with pytest.raises(WireError) as caught:
            host.send("c", "x", execute=False)
        assert caught.value.kind == "conversationDamaged"
        assert parley(store, "verify", "--repair", "c").status == 0
        repaired = contract.check_file(file)
        assert len(repaired) == 12
        sent = host.send("c", "on", execute=False)["message"]
        assert contract.check_file(file)[-1] == sent
        assert "damaged" not in host.get("c")
        assert host.request("store/info")["damaged"] == []
        fold.check(host, "c")
        # One that only reads finds it, too.
        fold.check(idle, "c")
        assert idle.send("c", "and on")["reply"]
        fold.check(host, "c")


def test_how_far_it_is(store):
    """A thousand files: what is told rises, ends at all of them, and comes before the answer."""
    with Host(store, "--durability", "os") as host:
        for number in range(1000):
            host.begin("conversation/start", {"conversationId": f"c{number}"})
        host.get("c999")
        for token in ("t", 7):
            host.notifications.clear()
            id = host.begin("store/verify", {"_meta": {"progressToken": token}})
            assert host.expect(id)["conversations"] == 1000
            # What is received is checked in its order: none of these came after the answer.
            told = [notification["params"] for notification in host.notifications]
            assert {params["progressToken"] for params in told} == {token}
            done = [params["progress"] for params in told]
            assert len(done) > 10 and done == sorted(set(done))
            assert done[-1] == 1000 and {params["total"] for params in told} == {1000}
        for params in ({}, {"_meta": {}}, {"_meta": {"progressToken": [1]}}):
            host.notifications.clear()
            host.request("store/verify", params)
            assert host.notifications == []


def test_others_go_on_while_it_runs(store):
    with Host(store, "--durability", "os") as host:
        for number in range(300):
            host.begin("conversation/start", {"conversationId": f"c{number}"})
        host.get("c299")
        verifying = host.begin("store/verify")
        assert host.request("ping") == {}
        assert not host.has_answered(verifying)
        assert host.expect(verifying)["conversations"] == 300


@damaging
def test_it_can_be_read_by_programs(store, file):
    put(file, [*lines_of(file)[:3], b"x\n", *lines_of(file)[4:]])
    done = parley(store, "verify", "--json")
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout)["damaged"][0]["conversationId"] == "c"
    assert os.listdir(store / "trash") == []
