"""The file is what the wire shows: an answer comes after its events are in it, and reading copies its bytes."""

import os
import stat

import contract
import fold
import pytest
from host import Host
from messages import WireError, call


def test_what_was_acknowledged_is_in_the_file(host):
    host.start(conversationId="c")
    for number in range(50):
        sent = host.send("c", f"message {number}", execute=number % 2 == 0)
        events = contract.check_file(host.file("c"))
        assert sent["message"] in events
        assert "reply" not in sent or sent["reply"] in events
        assert events[-1]["seq"] == sent["seq"]


def test_every_event_is_shown_as_its_line(host):
    """Byte for byte, in the answer that makes it and in all that show it later."""
    odd = {"n": [1e22, 0.1, -0.0], "é": "e\u0301\u2028\0\x7f", "empty": {}}
    host.start(conversationId="c", metadata={"sendWelcome": True, **odd})
    sent = host.begin_send("c", 'Say "\\/\b\n" 😀', metadata=odd)
    host.expect(sent)
    answer = host.lines[-1]
    host.request("conversation/update", {"conversationId": "c", "title": "t", "context": odd})
    host.request("conversation/end", {"conversationId": "c"})
    host.request("conversation/reopen", {"conversationId": "c"})
    lines = host.file("c").read_bytes().splitlines()
    events = host.request("conversation/events", {"conversationId": "c"})["events"]
    events_answer = host.lines[-1]
    assert len(events) == len(lines)
    assert b",".join(lines) in events_answer
    messages = [text for text in lines if b'"type":"message"' in text]
    assert len(messages) == 3
    host.history("c")
    assert b'"messages":[' + b",".join(messages) + b"]" in host.lines[-1]
    host.request("conversation/get", {"conversationId": "c", "messages": True})
    assert b'"messages":[' + b",".join(messages) + b"]" in host.lines[-1]
    assert all(message in answer for message in messages[1:])


def test_a_line_begins_with_seq_and_type(host):
    host.start(conversationId="c")
    host.send("c", "x")
    for number, text in enumerate(host.file("c").read_bytes().splitlines()):
        assert text.startswith(f'{{"seq":{number},"type":"'.encode())


def test_another_process_shows_the_same(host):
    host.start(conversationId="c")
    host.send("c", "x")
    history = host.history("c")
    shown = host.lines[-1]
    with Host(host.store) as another:
        assert another.history("c") == history
        ours, theirs = (text[text.index(b'"result"') :] for text in (shown, another.lines[-1]))
        assert ours == theirs


def test_a_store_is_its_owners_alone(store):
    """However generous the umask is."""
    with Host(store, umask=0) as host:
        host.start(conversationId="c")
        host.send("c", "x")
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [store, *store.rglob("*")]}
    assert store / "conversations" / "c.jsonl" in modes
    for path, mode in modes.items():
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_what_the_store_says_of_itself(host):
    host.start(conversationId="c")
    host.start(conversationId="d")
    host.send("c", "x")
    assert host.request("store/info") == {
        "path": str(host.store),
        "durability": "fsync",
        "conversations": 2,
        "bytes": host.file("c").stat().st_size + host.file("d").stat().st_size,
        "trashed": 0,
        "damaged": [],
    }


def test_the_durability_can_be_left_to_the_system(store):
    with Host(store, "--durability", "os") as host:
        assert host.request("initialize")["capabilities"]["durability"] == "os"
        host.start(conversationId="c")
        assert host.send("c", "x")["message"] in contract.check_file(host.file("c"))


def test_a_thousand_appends_at_once_are_all_there(host):
    host.start(conversationId="c")
    params = {"conversationId": "c", "execute": False}
    host.send_raw(b"".join(call(f"m{n}", "conversation/send", {**params, "content": f"text {n}"}) for n in range(1000)))
    messages = [host.expect(f"m{n}")["message"] for n in range(1000)]
    events = contract.check_file(host.file("c"))
    assert fold.apart_from_insight(events)[1:] == messages
    assert [message["content"] for message in messages] == [f"text {n}" for n in range(1000)]
    # After each 256 messages, what was found out: nothing but that stands between them.
    assert [event["seq"] for event in events if event["type"] == "insight"] == [257, 514, 771]


def test_a_file_that_is_taken_away(host):
    """Whatever the host remembers of it: the file is the conversation."""
    host.start(conversationId="c")
    host.send("c", "x")
    host.file("c").unlink()
    for method, params in [("send", {"content": "y", "execute": False}), ("history", {}), ("get", {}), ("end", {})]:
        with pytest.raises(WireError) as caught:
            host.request(f"conversation/{method}", {"conversationId": "c", **params})
        assert caught.value.kind == "conversationNotFound"
    assert host.request("conversation/list")["conversations"] == []
    assert not host.file("c").exists()
    assert host.start(conversationId="c")["seq"] == 0
    assert host.history("c")["total"] == 0


def test_a_file_that_is_put_in_anothers_place(host):
    """A backup brought back, say: from then on it is what counts."""
    host.start(conversationId="c")
    host.send("c", "kept", execute=False)
    backup = host.file("c").read_bytes()
    for text in ("lost", "lost too"):
        host.send("c", text, execute=False)
    replacement = host.store / "replacement"
    replacement.write_bytes(backup)
    replacement.rename(host.file("c"))
    assert [message["content"] for message in host.history("c")["messages"]] == ["kept"]
    assert host.get("c")["seq"] == 1
    assert host.send("c", "new", execute=False)["seq"] == 2
    assert [event["seq"] for event in contract.check_file(host.file("c"))] == [0, 1, 2]


def test_a_file_that_is_cut_back(host):
    """By a line or two, in place, under the eyes of a host that has it open."""
    host.start(conversationId="c")
    host.send("c", "kept", execute=False)
    length = host.file("c").stat().st_size
    for text in ("lost", "lost too"):
        host.send("c", text, execute=False)
    os.truncate(host.file("c"), length)
    assert [message["content"] for message in host.history("c")["messages"]] == ["kept"]
    assert host.send("c", "new", execute=False)["seq"] == 2
    assert [event["seq"] for event in contract.check_file(host.file("c"))] == [0, 1, 2]
