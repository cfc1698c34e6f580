"""Requests as lines, and what is remembered of them to judge the answers by."""

import collections
import json

import contract


class WireError(Exception):
    """The error that a request was answered with."""

    def __init__(self, error):
        super().__init__(f"{error['data']['kind']}: {error['message']} {error['data']}")
        self.code = error["code"]
        self.message = error["message"]
        self.kind = error["data"]["kind"]
        self.data = error["data"]


def line(message):
    """A message as a line. Letters stay as they are, so that the bytes are what a test says they are."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def call(id, method, params=None):
    """A request as a line."""
    message = {"jsonrpc": "2.0", "id": id, "method": method}
    return line(message if params is None else {**message, "params": params})


def notice(method, params=None):
    """A notification as a line."""
    message = {"jsonrpc": "2.0", "method": method}
    return line(message if params is None else {**message, "params": params})


def name(id):
    """An id as a key: 1, 1.0, "1" and true are four, though Python calls three of them equal."""
    return json.dumps(id)


class Asked:
    """Which methods were asked for under which id, so that each answer is held to its method's schema."""

    def __init__(self, strict=True):
        self._strict = strict
        self._methods = collections.defaultdict(list)
        self._refusable = set()
        self._seen = set()
        self._parts = []

    def note(self, sent):
        """Takes bytes on their way to the host, cut anywhere."""
        head, *rest = sent.split(b"\n")
        self._parts.append(head)
        for text in rest:
            self._note_line(b"".join(self._parts))
            self._parts = [text]

    def note_request(self, id, method, params):
        """What the published schema doesn't take, the host must refuse."""
        if not contract.params_fit(method, params):
            self._refusable.add(name(id))

    def _note_line(self, text):
        if len(text) > 1 << 20:
            return
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        for member in message if isinstance(message, list) else [message]:
            if isinstance(member, dict) and isinstance(member.get("method"), str) and "id" in member:
                self._methods[name(member["id"])].append(member["method"])

    def check(self, parsed, length):
        """Takes an answer or a batch of them, and how long the line was."""
        for answer in parsed if isinstance(parsed, list) else [parsed]:
            self._check_answer(answer, is_short=length < 1000)

    def _check_answer(self, answer, is_short):
        """An answer must fit one of the methods that its id stands for. Short ones that look alike are checked once."""
        id = name(answer.get("id"))
        methods = self._methods.get(id) or [None]
        kind = answer.get("error", {}).get("data", {}).get("kind")
        assert id not in self._refusable or kind in ("invalidParams", "methodNotFound", "shuttingDown"), (
            f"the published schema doesn't take these params, but the host did: {str(answer)[:300]}"
        )
        look = (tuple(methods), json.dumps({**answer, "id": 0})) if is_short else None
        if look in self._seen:
            return
        for place, method in enumerate(methods):
            try:
                contract.check_answer(answer, method, self._strict)
                break
            except AssertionError:
                if place == len(methods) - 1:
                    raise
        if look:
            self._seen.add(look)
