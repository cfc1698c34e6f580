"""Files that are damaged, or can't be read at all, go to the trash and come back like any other."""

import pytest
from host import Host
from test_trash import delete, error_of, files_with, restore, trashed

pytestmark = pytest.mark.damages_files

SPOILT = {
    "a bad line": lambda data: data.replace(b'"role":"user"', b'"role":"us\xff"'),
    "a gap": lambda data: b"".join(data.splitlines(keepends=True)[:1] + data.splitlines(keepends=True)[2:]),
    "no first line": lambda data: b"".join(data.splitlines(keepends=True)[1:]),
    "nothing good": lambda data: b"garbage\nand more\n",
    "nothing": lambda data: b"",
    "zeros": lambda data: b"\0" * 5000,
    "a newer format": lambda data: data.replace(b'"format":1', b'"format":2'),
    "a torn tail": lambda data: data[:-10],
    "another id": lambda data: data.replace(b'"id":"c"', b'"id":"d"'),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("is_open", [False, True])
def test_a_file_that_is_damaged_or_unreadable(store, spoil, is_open):
    """It goes to the trash and comes back as it was, but for what every deletion adds to a file that can be written."""
    with Host(store, strict=False) as host:
        host.start(conversationId="c")
        host.send("c", "a")
        host.send("c", "b")
    file = store / "conversations" / "c.jsonl"
    with Host(store, strict=False) as host:
        if is_open:
            host.get("c")
        spoilt = spoil(file.read_bytes())
        file.write_bytes(spoilt)
        assert delete(host) == {"conversationId": "c"}
        (moved,) = trashed(store)
        lines = spoilt[: spoilt.rfind(b"\n") + 1]
        assert moved.read_bytes().startswith(lines)
        assert not file.exists()
        assert error_of(host.get, "c").kind == "conversationNotFound"
        host.start(conversationId="c", title="another")
        error_of(restore, host)
        assert len(trashed(store)) == 1
        delete(host, purge=True)
        assert files_with(store, '"role"') == []


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_damaged_file_comes_back(store, spoil):
    with Host(store, strict=False) as host:
        host.start(conversationId="c")
        host.send("c", "a")
        host.send("c", "b")
    file = store / "conversations" / "c.jsonl"
    spoilt = spoil(file.read_bytes())
    file.write_bytes(spoilt)
    with Host(store, strict=False) as host:
        before = host.answer(host.begin("conversation/history", {"conversationId": "c"}))
        delete(host)
        (moved,) = trashed(store)
        held = moved.read_bytes()
        back = host.answer(host.begin("conversation/restore", {"conversationId": "c"}))
        after = host.answer(host.begin("conversation/history", {"conversationId": "c"}))
        assert file.exists() and trashed(store) == []
        assert file.read_bytes().startswith(held)
        if "result" in before:
            assert before["result"] == after["result"]
            assert "result" in back
        else:
            assert after["error"] == before["error"]
