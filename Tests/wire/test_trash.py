"""Deleting, taking back and purging, where others have the conversation open, or the process dies over it."""

import json
import random
import re
import time

import contract
import fold
import pytest
from command import parley
from host import Host, run
from messages import WireError, call, line
from neighbours import at_once


def error_of(call, *arguments, **params):
    with pytest.raises(WireError) as caught:
        call(*arguments, **params)
    return caught.value


def delete(host, id="c", **params):
    return host.request("conversation/delete", {"conversationId": id, **params})


def restore(host, id="c"):
    return host.request("conversation/restore", {"conversationId": id})["conversation"]


def contents(host, id="c"):
    return [message["content"] for message in host.history(id, limit=1000)["messages"]]


def trashed(store):
    return sorted(store.glob("trash/*"))


def files_with(store, text):
    """Every file below the store that has the text in its contents or its name."""
    return [
        str(path.relative_to(store))
        for path in store.rglob("*")
        if text in path.name or (path.is_file() and text.encode() in path.read_bytes())
    ]


REQUESTS = [
    ("conversation/get", {}),
    ("conversation/history", {}),
    ("conversation/events", {}),
    ("conversation/export", {}),
    ("conversation/send", {"content": "x"}),
    ("conversation/send", {"content": "x", "execute": False}),
    ("conversation/update", {"title": "x"}),
    ("conversation/end", {}),
    ("conversation/reopen", {}),
    ("conversation/fork", {}),
    ("turn/retry", {}),
    ("turn/cancel", {}),
    ("conversation/delete", {}),
]


@pytest.mark.parametrize(
    ("method", "params"),
    REQUESTS,
    ids=[f"{method} {'note' if 'execute' in params else ''}" for method, params in REQUESTS],
)
@pytest.mark.parametrize("purge", [False, True])
def test_another_process_has_it_open(pair, method, params, purge):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "before")
    assert contents(other) == ["before", "Heard: before"]
    delete(one, purge=purge)
    error = error_of(other.request, method, {"conversationId": "c", **params})
    assert (error.code, error.kind) == (1010, "conversationNotFound")
    if purge:
        assert error_of(restore, other).kind == "conversationNotFound"
        assert files_with(one.store, "before") == []
        return
    restore(one)
    assert other.send("c", "after")["reply"]["content"] == "Heard: after"
    fold.check(one, "c")
    fold.check(other, "c")


def test_another_process_takes_it_back(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "a")
    delete(one)
    assert restore(other)["messageCount"] == 2
    assert one.send("c", "b")["reply"]["content"] == "Heard: b"
    assert [event["type"] for event in fold.apart_from_insight(fold.check(other, "c"))][3:5] == ["deleted", "restored"]
    assert error_of(restore, one).kind in ("conversationExists", "conversationNotFound")


def test_its_id_is_given_to_another_while_it_is_open_elsewhere(pair):
    """What the other process knows of the first one with that id must not come up again."""
    one, other = pair
    one.start(conversationId="c", title="first", tags=["old"])
    one.send("c", "old")
    assert contents(other)
    delete(one)
    one.start(conversationId="c", title="second")
    assert other.get("c") == one.get("c")
    assert other.send("c", "new")["message"]["seq"] == 1
    assert contents(one) == contents(other) == ["new", "Heard: new"]


def test_another_process_runs_a_turn(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "hold", wait=False)
    for params in ({}, {"purge": True}):
        error = error_of(delete, other, **params)
        assert (error.kind, error.data["owner"]["pid"]) == ("turnInProgress", one.pid)
    assert delete(one) == {"conversationId": "c"}
    (file,) = trashed(one.store)
    assert [event["type"] for event in contract.check_file(file)] == [
        "started", "message", "turnEnded", "insight", "deleted",
    ]  # fmt: skip


def test_a_turn_of_another_process_waits_for_one_that_is_deleted(pair):
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "hold", wait=False)
    waiting = other.begin_send("c", "a")
    assert other.get("c")["turns"]
    delete(one)
    assert error_of(other.expect, waiting).kind == "conversationNotFound"
    assert restore(other)["messageCount"] == 1
    assert contents(one) == ["hold"]


def test_two_processes_delete_and_take_back(pair):
    """As fast as they can: whatever one does, it is the whole thing, and nothing is lost."""
    one, other = pair
    one.start(conversationId="c")
    one.send("c", "kept", execute=False)
    outcomes = []

    def act(host, chance):
        for number in range(60):
            try:
                how = chance.choice([delete, restore, contents])
                how(host)
                outcomes.append(how.__name__)
            except WireError as error:
                assert error.kind in ("conversationNotFound", "conversationExists")
                outcomes.append(error.kind)

    at_once(lambda: act(one, random.Random(1)), lambda: act(other, random.Random(2)))
    assert {"delete", "restore", "contents", "conversationNotFound"} <= set(outcomes)
    if trashed(one.store):
        restore(one)
    assert trashed(one.store) == []
    assert contents(one) == contents(other) == ["kept"]
    # One may delete what the other is just taking back, so they needn't alternate.
    types = [event["type"] for event in fold.check(one, "c")]
    assert set(types[2:]) == {"deleted", "restored"}


def test_an_id_that_was_used_again(store):
    """The trash keeps both files; the newest comes back first."""
    with Host(store) as host:
        for text in ("first", "second", "third"):
            host.start(conversationId="c")
            host.send("c", text, execute=False)
            delete(host)
        assert len(trashed(store)) == 3
    with Host(store) as host:
        for text in ("third", "second", "first"):
            restore(host)
            assert contents(host) == [text]
            # Away with it, so that the one before it can have the id.
            host.file("c").rename(store.parent / f"{text}.jsonl")
        assert error_of(restore, host).kind == "conversationNotFound"
    assert trashed(store) == []


def test_deleted_twice_in_the_same_millisecond(store):
    """With a clock that stands still as far as a file's name can tell."""
    session = b""
    for number in range(300):
        session += call(number, "conversation/start", {"conversationId": "c", "title": f"t{number}"})
        session += call(f"d{number}", "conversation/delete", {"conversationId": "c"})
    assert all("result" in answer for answer in run(session, store, "--durability", "os").lines)
    assert len(trashed(store)) == 300
    stamps = [re.fullmatch(r"c~(.*Z)(-\d+)?\.jsonl", path.name)[1] for path in trashed(store)]
    assert len(set(stamps)) < 300, "no two of them fell into one millisecond"
    listed = json.loads(parley(store, "trash", "list", "--json").stdout)
    assert len(listed) == 300
    with Host(store) as host:
        assert restore(host)["title"] == "t299"


def test_in_one_batch_with_its_beginning_and_with_sends_that_wait(demo):
    """All of it happens, in that order, and each is told."""
    send = {"conversationId": "c", "content": "hold"}
    batch = [
        ("start", "conversation/start", {"conversationId": "c"}),
        ("running", "conversation/send", send),
        ("queued", "conversation/send", {**send, "content": "x"}),
        ("note", "conversation/send", {**send, "content": "note", "execute": False}),
        ("delete", "conversation/delete", {"conversationId": "c"}),
        ("late", "conversation/send", send),
        ("restore", "conversation/restore", {"conversationId": "c"}),
        ("history", "conversation/history", {"conversationId": "c"}),
    ]
    demo.send_raw(
        line([{"jsonrpc": "2.0", "id": id, "method": method, "params": params} for id, method, params in batch])
    )
    answers = {answer["id"]: answer for answer in demo.next()}
    kinds = {id: answer.get("error", {}).get("data", {}).get("kind") for id, answer in answers.items()}
    assert kinds == {
        "start": None, "running": "cancelled", "queued": "cancelled", "note": None, "delete": None,
        "late": "conversationNotFound", "restore": None, "history": None,
    }  # fmt: skip
    history = answers["history"]["result"]
    assert [message["content"] for message in history["messages"]] == ["hold", "note"]
    assert [turn["outcome"] for turn in history["turns"]] == ["cancelled"]
    fold.check(demo, "c")


def test_purging_leaves_no_byte(store):
    """Not in the file, the trash, a lock or what recovery and repair put aside, of this one or an earlier one."""
    secret = "correct-horse"
    id = f"about-{secret}"
    with Host(store) as host:
        for text in ("earlier", "now"):
            host.start(conversationId=id)
            host.send(id, f"{text} {secret}")
            if text == "earlier":
                delete(host, id)
        host.start(conversationId=f"{id}.jsonl")
    # What a crash leaves, and then damage that is repaired.
    file = store / "conversations" / f"{id}.jsonl"
    with open(file, "ab") as end:
        end.write(f'{{"seq":3,"{secret}'.encode())
    with Host(store) as host:
        host.send(id, "mend", execute=False)
    data = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*data[:2], f"{secret}\n".encode(), *data[2:]]))
    assert parley(store, "verify", "--repair", id).status == 0
    assert len(files_with(store, secret)) >= 5
    with Host(store) as host, Host(store) as other:
        assert contents(other, id)
        assert delete(host, id, purge=True) == {"conversationId": id}
        assert error_of(other.get, id).kind == "conversationNotFound"
        assert error_of(delete, host, id, purge=True).kind == "conversationNotFound"
        # The one whose name only begins alike is another.
        assert other.get(f"{id}.jsonl")["messageCount"] == 0
        delete(host, f"{id}.jsonl")
        delete(host, f"{id}.jsonl", purge=True)
        assert files_with(store, secret) == []
    assert files_with(store, secret) == []


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_killed_around_a_deletion(store, durability):
    """It is here or there, whole; and where it was acknowledged it is there."""
    chance = random.Random(durability)
    for number in range(30):
        id = f"c{number}"
        with Host(store, "--durability", durability) as host:
            host.start(conversationId=id)
            sent = host.begin_send(id, "text", execute=False)
            if number % 2:
                host.expect(sent)
            deleting = host.begin("conversation/delete", {"conversationId": id, "purge": number % 5 == 4})
            moment = time.perf_counter() + chance.uniform(0, 0.003)
            while time.perf_counter() < moment:
                pass
            host.kill()
            acknowledged = host.has_answered(deleting)
        here, there = (store / "conversations" / f"{id}.jsonl").exists(), bool(list(store.glob(f"trash/{id}~*")))
        assert not (here and there)
        assert not (here and acknowledged)
        if number % 5 < 4:
            assert here or there
        with Host(store) as host:
            if there:
                restore(host, id)
            if here or there:
                assert contents(host, id) == (["text"] if number % 2 else contents(host, id))
                assert host.send(id, "and on", execute=False)
                fold.check(host, id)
    assert contract.parse(parley(store, "verify", "--json").stdout.encode())["unreadable"] == []


# From the command line


def test_the_list_and_emptying(store):
    store.mkdir()
    assert parley(store, "trash") == (0, "the trash is empty\n", "")
    assert parley(store, "trash", "list", "--json") == (0, "[]\n", "")
    assert parley(store, "trash", "empty") == (0, "the trash is empty\n", "")
    with Host(store) as host:
        for id in ("b", "a", "kept"):
            host.start(conversationId=id)
            host.send(id, "secret")
        for id in ("b", "a"):
            delete(host, id)
        listed = json.loads(parley(store, "trash", "list", "--json").stdout)
        assert [entry["conversationId"] for entry in listed] == ["b", "a"]
        for entry, path in zip(listed, sorted(trashed(store), reverse=True)):
            assert entry["bytes"] == path.stat().st_size
            deleted = contract.parse(path.read_bytes().splitlines()[-1])
            assert (deleted["type"], deleted["timestamp"]) == ("deleted", entry["deleted"])
        status, table, stderr = parley(store, "trash")
        assert (status, stderr) == (0, "")
        assert table == parley(store, "trash", "list").stdout
        rows = [row.split() for row in table.splitlines()]
        assert rows[1:] == [[entry["deleted"], str(entry["bytes"]), entry["conversationId"]] for entry in listed]
        assert host.request("store/info")["trashed"] == 2
        assert parley(store, "trash", "empty") == (0, "2 conversations are gone for good\n", "")
        assert host.request("store/info")["trashed"] == 0
        assert error_of(restore, host, "a").kind == "conversationNotFound"
        assert contents(host, "kept") == ["secret", "You said: secret"]
    assert [path.name for path in (store / "trash").iterdir()] == []
