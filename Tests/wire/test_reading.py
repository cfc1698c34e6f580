"""Reading a conversation page by page, by the seq of its events."""

import pytest
from messages import WireError


@pytest.fixture
def c(host):
    """A host with a conversation `c` of events 0 to 12: its messages are 1, 3, 4, 5, 6, 8 … 12; 2 and 7 are none."""
    host.start(conversationId="c")
    for seq in range(1, 13):
        if seq in (2, 7):
            host.request("conversation/update", {"conversationId": "c", "title": str(seq)})
        else:
            host.send("c", str(seq), execute=False)
    return host


MESSAGES = [1, 3, 4, 5, 6, 8, 9, 10, 11, 12]


def page(host, **params):
    """The seqs on a page of the history, and whether there is more before and after."""
    got = host.history("c", **params)
    assert got["total"] == len(MESSAGES)
    assert got["turns"] == []
    assert [message["content"] for message in got["messages"]] == [str(message["seq"]) for message in got["messages"]]
    return [message["seq"] for message in got["messages"]], got["hasBefore"], got["hasAfter"]


@pytest.mark.parametrize(
    ("params", "seqs", "before", "after"),
    [
        ({}, MESSAGES, False, False),
        ({"limit": 1000}, MESSAGES, False, False),
        ({"limit": 10}, MESSAGES, False, False),
        ({"limit": 9}, MESSAGES[1:], True, False),
        ({"limit": 1}, [12], True, False),
        ({"limit": 3, "before": 10}, [6, 8, 9], True, True),
        ({"limit": 3, "before": 5}, [1, 3, 4], False, True),
        ({"limit": 2, "before": 7}, [5, 6], True, True),
        ({"limit": 2, "before": 8}, [5, 6], True, True),
        ({"before": 1}, [], False, True),
        ({"before": 0}, [], False, True),
        ({"before": 9999}, MESSAGES, False, False),
        ({"limit": 3, "after": -1}, [1, 3, 4], False, True),
        ({"limit": 3, "after": 0}, [1, 3, 4], False, True),
        ({"limit": 3, "after": 1}, [3, 4, 5], True, True),
        ({"limit": 2, "after": 6}, [8, 9], True, True),
        ({"limit": 2, "after": 7}, [8, 9], True, True),
        ({"limit": 5, "after": 10}, [11, 12], True, False),
        ({"after": 12}, [], True, False),
        ({"after": 9999}, [], True, False),
        ({"after": 3, "before": 9}, [4, 5, 6, 8], True, True),
        ({"after": 3, "before": 9, "limit": 2}, [4, 5], True, True),
        ({"after": 3, "before": 4}, [], True, True),
    ],
    ids=str,
)  # fmt: skip
def test_a_page_of_the_history(c, params, seqs, before, after):
    assert page(c, **params) == (seqs, before, after)


@pytest.mark.parametrize("limit", [1, 3, 4, 10, 50])
def test_pages_backward_and_forward_give_each_message_once(c, limit):
    backward, more, before = [], True, 9999
    while more:
        seqs, more, _ = page(c, limit=limit, before=before)
        backward, before = seqs + backward, seqs[0]
    forward, more, after = [], True, -1
    while more:
        seqs, _, more = page(c, limit=limit, after=after)
        forward, after = forward + seqs, seqs[-1]
    assert forward == backward == MESSAGES


def test_fifty_messages_unless_asked_for_more(host):
    host.start(conversationId="c")
    for number in range(60):
        host.begin_send("c", str(number), execute=False)
    got = host.history("c")
    assert [message["content"] for message in got["messages"]] == [str(number) for number in range(10, 60)]
    assert (got["total"], got["hasBefore"], got["hasAfter"]) == (60, True, False)


@pytest.mark.parametrize(
    ("params", "seqs", "more"),
    [
        ({}, range(13), False),
        ({"after": -1, "limit": 13}, range(13), False),
        ({"limit": 12}, range(12), True),
        ({"after": 3, "limit": 2}, [4, 5], True),
        ({"after": 11}, [12], False),
        ({"after": 12}, [], False),
        ({"after": 9999}, [], False),
    ],
    ids=str,
)
def test_a_page_of_the_events(c, params, seqs, more):
    got = c.request("conversation/events", {"conversationId": "c", **params})
    assert ([event["seq"] for event in got["events"]], got["hasMore"], got["seq"]) == (list(seqs), more, 12)


def test_five_hundred_events_unless_asked_for_more(host):
    host.start(conversationId="c")
    for number in range(600):
        host.begin_send("c", str(number), execute=False)
    got = host.request("conversation/events", {"conversationId": "c"})
    assert ([event["seq"] for event in got["events"]], got["hasMore"]) == (list(range(500)), True)


def test_an_empty_history(host):
    host.start(conversationId="c")
    got = host.history("c")
    assert got == {"messages": [], "total": 0, "hasBefore": False, "hasAfter": False, "turns": []}


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 1001}, {"limit": 2.5}, {"before": -1}, {"after": -2}]
)
def test_pages_that_there_are_not(c, params):
    with pytest.raises(WireError) as caught:
        c.history("c", **params)
    assert (caught.value.kind, caught.value.data["path"]) == ("invalidParams", next(iter(params)))
