"""Finding conversations: filters, order, and pages that hold while others write."""

import pytest
from host import Host
from messages import WireError


def listed(host, **params):
    page = host.request("conversation/list", {"limit": 1000, **params})
    assert page["unreadable"] == 0
    assert ("total" in page) == params.get("count", False)
    return [conversation["id"] for conversation in page["conversations"]]


@pytest.fixture
def shelf(host):
    """Five conversations that differ in what a list can look for."""
    host.start(conversationId="a", userId="ada", type="sales", tags=["x", "y"], metadata={"n": 1, "s": "1", "o": {"k": [1]}})
    host.start(conversationId="b", userId="ada", organizationId="org", projectId="p", tags=["x"], metadata={"n": 1.0})
    host.start(conversationId="c", userId="bob", organizationId="org", metadata={"n": None})
    host.start(conversationId="d", userId="ada", tags=["y", "x", "z"])
    host.start(conversationId="e", userId="Ada", metadata={"n": True, "o": {"k": [1, 2]}})
    host.request("conversation/end", {"conversationId": "b"})
    host.request("conversation/update", {"conversationId": "d", "archived": True})
    return host


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, "abce"),
        ({"userId": "ada"}, "ab"),
        ({"userId": "nobody"}, ""),
        ({"agentId": "echo"}, "abce"),
        ({"agentId": "none"}, ""),
        ({"organizationId": "org"}, "bc"),
        ({"organizationId": "org", "projectId": "p"}, "b"),
        ({"state": "active"}, "ace"),
        ({"state": "ended"}, "b"),
        ({"type": "sales"}, "a"),
        ({"type": "general"}, "bce"),
        ({"tags": ["x"]}, "ab"),
        ({"tags": ["y", "x"]}, "a"),
        ({"tags": []}, "abce"),
        ({"tags": ["X"]}, ""),
        ({"metadata": {"s": "1"}}, "a"),
        ({"metadata": {"n": None}}, "c"),
        ({"metadata": {"n": True}}, "e"),
        ({"metadata": {"o": {"k": [1]}}}, "a"),
        ({"metadata": {"s": "1", "n": True}}, ""),
        ({"metadata": {}}, "abce"),
        ({"archived": True}, "d"),
        ({"archived": True, "tags": ["x", "z"], "userId": "ada"}, "d"),
        ({"userId": "ada", "state": "active"}, "a"),
    ],
    ids=str,
)  # fmt: skip
def test_filters(shelf, filters, ids):
    """Seen by the host that wrote them and by one that finds the files; `count` counts what fits."""
    assert sorted(listed(shelf, **filters)) == list(ids)
    with Host(shelf.store) as another:
        assert sorted(listed(another, **filters)) == list(ids)
    page = shelf.request("conversation/list", {**filters, "limit": 1, "count": True})
    assert page["total"] == len(ids)
    assert len(page["conversations"]) == min(1, len(ids))


def test_a_row_is_the_conversation_without_its_depths(host):
    host.start(conversationId="c", title="t", tags=["x"], metadata={"m": 1}, instructions="i")
    bare = host.request("conversation/list")["conversations"][0]
    assert "preview" not in bare
    host.send("c", "Hello\nthere")
    (row,) = host.request("conversation/list")["conversations"]
    whole = host.get("c")
    assert "You said: Hello" in row.pop("preview")
    assert row == {name: value for name, value in whole.items() if name not in ("context", "metadata")}


def in_order(host, **params):
    """The ids of all pages, and that each page follows on the one before."""
    rows, cursor = [], {}
    while True:
        page = host.request("conversation/list", {**params, **cursor})
        rows += page["conversations"]
        if "nextCursor" not in page:
            return rows
        assert len(page["conversations"]) == params.get("limit", 10)
        cursor = {"cursor": page["nextCursor"]}


@pytest.mark.parametrize("sort", ["startTime", "updatedTime"])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 7, 10, 25])
def test_pages_hold_each_row_once_and_in_order(host, sort, order, limit):
    """Many of them begin within one millisecond: a page must not end in the middle of equals and lose the rest."""
    for number in range(25):
        host.begin("conversation/start", {"conversationId": f"c{number}"})
    for number in (3, 20, 11):
        host.begin_send(f"c{number}", "touched", execute=False)
    rows = in_order(host, sort=sort, order=order, limit=limit)
    assert sorted(row["id"] for row in rows) == sorted(f"c{number}" for number in range(25))
    times = [row[sort] for row in rows]
    assert times == sorted(times, reverse=order == "desc")


def test_newest_first_and_ten_unless_asked_for_more(host):
    for number in range(12):
        host.start(conversationId=f"c{number}")
    page = host.request("conversation/list")
    assert len(page["conversations"]) == 10
    times = [row["startTime"] for row in page["conversations"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_cursor_holds_while_rows_are_added(host, order):
    before = {f"c{number}" for number in range(9)}
    for id in sorted(before):
        host.start(conversationId=id)
    seen, cursor = [], {}
    for turn in range(100):
        page = host.request("conversation/list", {"limit": 2, "order": order, **cursor})
        seen += [row["id"] for row in page["conversations"]]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
        if turn < 3:
            host.start(conversationId=f"new{turn}")
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_a_cursor_serves_another_process(host):
    for number in range(5):
        host.start(conversationId=f"c{number}")
    first = host.request("conversation/list", {"limit": 2})
    with Host(host.store) as another:
        rest = another.request("conversation/list", {"limit": 10, "cursor": first["nextCursor"]})
    seen = [row["id"] for row in first["conversations"] + rest["conversations"]]
    assert sorted(seen) == [f"c{number}" for number in range(5)]
    assert "nextCursor" not in rest


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "0", "{}", "\0", "é" * 100, "9" * 5000])
def test_a_cursor_that_is_none(host, cursor):
    host.start()
    with pytest.raises(WireError) as caught:
        host.request("conversation/list", {"cursor": cursor})
    assert (caught.value.kind, caught.value.data["path"]) == ("invalidParams", "cursor")


def test_a_cursor_of_another_order(host):
    for number in range(3):
        host.start(conversationId=f"c{number}")
    cursor = host.request("conversation/list", {"limit": 1})["nextCursor"]
    with pytest.raises(WireError) as caught:
        host.request("conversation/list", {"limit": 1, "cursor": cursor, "sort": "updatedTime", "order": "asc"})
    assert (caught.value.kind, caught.value.data["path"]) == ("invalidParams", "cursor")


def test_since_and_until_go_by_the_start(host):
    """`since` takes the moment itself, `until` doesn't; another zone is another way to say the same moment."""
    time = host.start(conversationId="c")["startTime"]
    assert listed(host, since=time) == ["c"]
    assert listed(host, until=time) == []
    assert listed(host, since=time.replace("Z", "+00:00")) == ["c"]
    assert listed(host, since="2000-01-01", until="2100-01-01T00:00:00+02:00") == ["c"]
    assert listed(host, since="2100-01-01") == listed(host, until="2000-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "moment", ["2026-13-01", "2026-02-30", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00", "yesterday", ""]
)
def test_a_moment_that_is_none(host, moment):
    for name in ("since", "until"):
        with pytest.raises(WireError) as caught:
            host.request("conversation/list", {name: moment})
        assert (caught.value.kind, caught.value.data["path"]) == ("invalidParams", name)


@pytest.mark.damages_files
def test_files_that_cannot_be_read_are_counted_not_hidden(host):
    host.start(conversationId="good")
    host.file("bad").write_bytes(b"no event\n")
    page = host.request("conversation/list", {"count": True})
    assert ([row["id"] for row in page["conversations"]], page["unreadable"], page["total"]) == (["good"], 1, 1)


def test_other_files_in_the_folder_are_no_conversations(host):
    host.start(conversationId="good")
    for name in ("good.jsonl.torn-12", "notes.txt", ".hidden.jsonl", "good.jsonl~"):
        (host.store / "conversations" / name).write_bytes(b"whatever\n")
    assert listed(host) == ["good"]
    with Host(host.store) as another:
        assert listed(another) == ["good"]
    (host.store / "conversations" / ".hidden.jsonl").unlink()
