"""A conversation's file that becomes another one while the host has it open, or a turn of it runs."""

import json
import shutil

import contract
import fold
import pytest
from host import Host
from messages import WireError


def kinds(path):
    """The types of a file's events, of those that end turns with their outcome."""
    events = [json.loads(text) for text in path.read_bytes().splitlines()]
    return [event.get("role") or event.get("outcome") or event["type"] for event in events]


def replace(path):
    """What a repair does: the same text in a new file under the old name."""
    shutil.copy(path, f"{path}.copy")
    (path.parent / f"{path.name}.copy").rename(path)


@pytest.mark.parametrize("wait", [True, False], ids=["waiting", "not waiting"])
def test_a_turn_whose_file_was_replaced_has_one_end(store, configured, wait):
    """And its agent is free for others again, though nobody may wait for the turn."""
    with Host(store, config=configured(concurrency=1)) as host:
        host.start(conversationId="c")
        host.start(conversationId="other")
        sent = host.begin_send("c", "hold", wait=wait)
        if not wait:
            host.expect(sent)
        host.get("c")
        replace(host.file("c"))
        host.history("c")
        if wait:
            with pytest.raises(WireError) as caught:
                host.expect(sent)
            assert caught.value.kind == "storeFailed"
        assert host.send("other", "hi")["reply"]["content"] == "Heard: hi"
        assert host.send("c", "again")["reply"]["content"] == "Heard: again"
    assert kinds(store / "conversations" / "c.jsonl") == [
        "started", "user", "interrupted", "insight", "user", "assistant", "insight",
    ]  # fmt: skip


def test_a_reply_does_not_go_into_another_conversation(store, configured):
    config = configured()
    with Host(store, config=config) as host, Host(store, config=config) as other:
        host.start(conversationId="c")
        sent = host.begin_send("c", "hold")
        host.get("c")
        host.file("c").unlink()
        other.start(conversationId="c", title="Another")
        host.begin("turn/cancel", {"conversationId": "c"})
        with pytest.raises(WireError) as caught:
            host.expect(sent)
        assert caught.value.kind in ("storeFailed", "conversationNotFound")
        assert host.get("c")["title"] == "Another"
    assert kinds(store / "conversations" / "c.jsonl") == ["started"]


@pytest.mark.damages_files
@pytest.mark.parametrize("purge", [True, False], ids=["purged", "moved"])
def test_a_damaged_file_with_a_turn_of_a_dead_process_is_deleted(store, configured, purge):
    """The end of that turn can't be recorded, and must not be in the way for ever."""
    config = configured()
    with Host(store, config=config) as host:
        host.start(conversationId="c")
        host.begin_send("c", "hold")
        host.get("c")
        host.kill()
    path = store / "conversations" / "c.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"garbage\n" + lines[1].replace(b'"seq":1', b'"seq":2'))
    with Host(store, config=config, strict=False) as host:
        assert host.get("c")["damaged"]
        assert host.request("conversation/delete", {"conversationId": "c", "purge": purge}) == {"conversationId": "c"}
    assert not path.exists()
    assert len(list(store.glob("trash/*"))) == (0 if purge else 1)


@pytest.mark.damages_files
def test_what_can_t_be_deleted_is_there_still(store, host):
    """The trash can't take it: the answer says so, and what was sent in the same step is stored all the same."""
    host.start(conversationId="c")
    shutil.rmtree(store / "trash")
    (store / "trash").write_text("in the way")
    host.send_raw(
        b'{"jsonrpc":"2.0","id":"s","method":"conversation/send","params":{"conversationId":"c","content":"hi"}}\n'
        b'{"jsonrpc":"2.0","id":"d","method":"conversation/delete","params":{"conversationId":"c"}}\n'
    )
    assert host.expect("s")["reply"]["content"] == "You said: hi"
    with pytest.raises(WireError) as caught:
        host.expect("d")
    assert caught.value.kind == "storeFailed"
    assert [message["content"] for message in host.history("c")["messages"]] == ["hi", "You said: hi"]
    assert host.send("c", "and on")["reply"]
    events = contract.check_file(host.file("c"))
    assert [event["type"] for event in fold.apart_from_insight(events)[3:5]] == ["deleted", "restored"]
