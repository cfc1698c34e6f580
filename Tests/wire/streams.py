"""What a host tells of a turn under way, held to the rules that hold for every one."""

import collections


class Stream:
    """All that came for one request, as `PluggedHost.told` gives it, looked at as a whole.

    One start or two, pieces whose offsets add up, one end at most, in this order, all of one turn; and the answer
    behind all of it, or, where `waits` is false, behind the start.
    """

    def __init__(self, told, waits=True):
        names = [what for what, _ in told]
        self.answer = next((message for what, message in told if what == "answer"), None)
        self.starts = [params for what, params in told if what == "turn/started"]
        self.pieces = [params for what, params in told if what == "turn/delta"]
        ends = [params for what, params in told if what == "turn/ended"]
        assert names.count("answer") <= 1 and len(ends) <= 1, names
        self.end = ends[0] if ends else None
        order = ["turn/started"] * len(self.starts) + ["turn/delta"] * len(self.pieces) + ["turn/ended"] * len(ends)
        assert [what for what in names if what != "answer"] == order, f"out of order: {told}"
        assert self.states in (["running"], ["queued"], ["queued", "running"])
        if self.answer is not None and waits:
            assert names[-1] == "answer" and ends
        elif self.answer is not None:
            assert "answer" in names[len(self.starts) :]
        about = {(params["conversationId"], params["turnId"]) for what, params in told if what != "answer"}
        assert len(about) == 1, f"one stream tells of several turns: {about}"
        ((self.conversation, self.turn),) = about
        if self.states[-1] == "queued":
            assert self.pieces == []
        self._bytes = collections.Counter()
        for piece in self.pieces:
            assert piece["offset"] == self._bytes[piece["kind"]], f"a piece is missing before {piece}"
            assert piece["text"] != "", "a piece with nothing in it"
            self._bytes[piece["kind"]] += len(piece["text"].encode())
        self._check_end()

    @property
    def states(self):
        return [start["state"] for start in self.starts]

    @property
    def outcome(self):
        return self.end["outcome"]

    def text(self, kind="text"):
        """All pieces of a kind together."""
        return "".join(piece["text"] for piece in self.pieces if piece["kind"] == kind)

    def _check_end(self):
        if self.end is None:
            return
        if self.outcome == "completed":
            assert not {"error", "partial"} & set(self.end)
            message = self.end["message"]
            assert (message["role"], message["turnId"]) == ("assistant", self.turn)
            if self.answer is not None and "reply" in self.answer.get("result", {}):
                assert self.answer["result"]["reply"] == message
        else:
            assert "message" not in self.end
            if self.end["error"]["data"]["kind"] == "storeFailed":
                # The whole reply may have been there, and only its pieces told until then.
                assert self.end.get("partial", "").startswith(self.text())
            else:
                assert self.end.get("partial", "") == self.text()
            if self.answer is not None and "error" in self.answer:
                assert self.end["error"]["data"]["kind"] == self.answer["error"]["data"]["kind"]


def finished(host, id):
    """The stream of a request that is answered when its turn is over; waits for that."""
    host.wait_for("answer", id)
    return Stream(host.told(id))
