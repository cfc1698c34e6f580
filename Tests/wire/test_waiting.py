"""What comes behind a request that runs aside, and is about the same conversation, sees what that did.

Opening a long file, forking and importing run aside, and the first with what comes behind it waiting.
"""

import shutil

import contract
import pytest
from host import Host
from messages import call, line
from test_forks import long_file

COUNT = 6_000
HISTORY = ("conversation/history", {"limit": 1})


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A file that isn't opened at once."""
    return long_file(tmp_path_factory.mktemp("long") / "big.jsonl", COUNT)


@pytest.fixture
def wide(tmp_path, long):
    """A store with the conversation `big`."""
    folder = tmp_path / "wide" / "conversations"
    folder.mkdir(parents=True)
    shutil.copy(long, folder)
    return folder.parent


SESSIONS = {
    "deleted and started": (
        [("conversation/delete", {}), ("conversation/start", {}), HISTORY],
        0,
    ),
    "deleted and taken back": (
        [("conversation/delete", {}), ("conversation/restore", {}), HISTORY],
        COUNT,
    ),
    "deleted and imported": (
        [
            ("conversation/delete", {}),
            ("conversation/import", {"conversation": {"id": "big", "messages": [{"role": "user", "content": "x"}]}}),
            HISTORY,
        ],
        1,
    ),
    "deleted and forked to": (
        [
            ("conversation/start", {"conversationId": "d"}),
            ("conversation/delete", {}),
            ("conversation/fork", {"conversationId": "d", "newConversationId": "big"}),
            HISTORY,
        ],
        0,
    ),
    "opened and sent to": (
        [("conversation/start", {"ifExists": "open"}), ("conversation/send", {"content": "x", "role": "system"}), HISTORY],
        COUNT + 1,
    ),
    "sent to and read": (
        [("conversation/send", {"content": "x"}), HISTORY],
        COUNT + 2,
    ),
    "sent to and ended": (
        [
            ("conversation/send", {"content": "x"}),
            ("conversation/send", {"content": "note", "execute": False}),
            ("conversation/send", {"content": "y"}),
            ("conversation/end", {}),
            HISTORY,
        ],
        COUNT + 5,
    ),
    "answered again and read": (
        [("conversation/send", {"content": "x"}), ("turn/retry", {}), ("conversation/export", {}), HISTORY],
        COUNT + 2,
    ),
    "forked and sent to": (
        [
            ("conversation/fork", {"newConversationId": "n"}),
            ("conversation/send", {"conversationId": "n", "content": "x"}),
            ("conversation/history", {"conversationId": "n", "limit": 1}),
        ],
        COUNT + 2,
    ),
    "forked and opened": (
        [
            ("conversation/fork", {"newConversationId": "n"}),
            ("conversation/start", {"conversationId": "n", "ifExists": "open"}),
            ("conversation/history", {"conversationId": "n", "limit": 1}),
        ],
        COUNT,
    ),
    "forked, deleted and taken back": (
        [
            ("conversation/fork", {"newConversationId": "n"}),
            ("conversation/delete", {"conversationId": "n"}),
            ("conversation/restore", {"conversationId": "n"}),
            ("conversation/history", {"conversationId": "n", "limit": 1}),
        ],
        COUNT,
    ),
    "sent to and forked": (
        [
            ("conversation/send", {"content": "x"}),
            ("conversation/fork", {"newConversationId": "n"}),
            ("conversation/send", {"content": "y"}),
            ("conversation/history", {"conversationId": "n", "limit": 1}),
        ],
        COUNT + 2,
    ),
    "purged and started": (
        [("conversation/delete", {"purge": True}), ("conversation/start", {}), HISTORY],
        0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("requests", "total"), SESSIONS.values(), ids=SESSIONS)
@pytest.mark.parametrize("in_batch", [False, True])
@pytest.mark.parametrize("is_open", [False, True])
def test_requests_on_one_conversation_take_effect_in_their_order(wide, requests, total, in_batch, is_open):
    named = [
        (method, params if "conversation" in params else {"conversationId": "big", **params})
        for method, params in requests
    ]
    session = [call(number, method, params) for number, (method, params) in enumerate(named)]
    with Host(wide) as host:
        if is_open:
            host.get("big")
        if in_batch:
            host.send_raw(line([contract.parse(text) for text in session]))
            answers = sorted(host.next(), key=lambda answer: answer["id"])
        else:
            host.send_raw(b"".join(session))
            answers = [host.answer(number) for number in range(len(session))]
    assert [answer["error"]["message"] for answer in answers if "error" in answer] == []
    assert answers[-1]["result"]["total"] == total
