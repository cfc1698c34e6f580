"""Many turns of all kinds at once, cancelled at any moment: each is told of from its start to its one end, and what
was told is what is in the files."""

import random

import contract
import fold
import pytest
from plugin_kit import WHEN_CANCELLED, do, is_unharmed, serve, stage  # noqa: F401
from streams import finished

CONVERSATIONS = [f"c{number}" for number in range(6)]

KINDS = {
    "answers": do("delta a", "thought b", "delta c", "reply ac"),
    "answers whole": do("reply ac"),
    "answers something else": do("delta a", "reply b"),
    "fails": do("delta a", 'error {"code":-1,"message":"No."}'),
    "waits": do("delta a", *WHEN_CANCELLED),
    "crashes": do("delta a", "exit 1"),
}


def begin_all(host, chance, kinds):
    """Sends them all, and a word to cancel some of them somewhere behind; gives kind and conversation by id."""
    begun = {}
    for number in range(240):
        kind, conversation = chance.choice(kinds), chance.choice(CONVERSATIONS)
        id = host.begin_send(conversation, KINDS[kind], stream=True)
        begun[id] = (kind, conversation)
        if kind == "waits" or chance.random() < 0.3:
            host.notify("$/cancelRequest", {"id": id if kind == "waits" else chance.choice(list(begun))})
        if chance.random() < 0.1:
            host.begin("conversation/history", {"conversationId": conversation})
    return begun


@pytest.mark.parametrize("kinds", [list(KINDS), [kind for kind in KINDS if kind != "crashes"]], ids=["crashing", "living"])
@pytest.mark.parametrize("seed", range(3))
def test_each_turn_has_one_end(stage, serve, seed, kinds):
    host = serve(stage.plugin(concurrency=3), start=CONVERSATIONS)
    begun = begin_all(host, random.Random(f"{seed} {kinds}"), kinds)
    streams = {id: finished(host, id) for id in begun}
    is_unharmed(host)
    for conversation in CONVERSATIONS:
        fold.check(host, conversation)
        events = contract.check_file(host.file(conversation))
        replies = {event["turnId"]: event for event in events if event.get("role") == "assistant"}
        ends = {event["turnId"]: event for event in events if event["type"] == "turnEnded"}
        for id, stream in streams.items():
            if begun[id][1] != conversation:
                continue
            if stream.outcome == "completed":
                assert replies.pop(stream.turn) == stream.end["message"]
            elif stream.states != ["queued"]:
                ended = ends.pop(stream.turn)
                assert (ended["outcome"], ended.get("partial")) == (stream.outcome, stream.end.get("partial"))
        assert replies == ends == {}
    if "crashes" not in kinds:
        assert {stream.outcome for id, stream in streams.items() if begun[id][0] == "fails"} <= {"failed", "cancelled"}
        assert stage.starts() == 1
