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


def _progress_token(request):
    for member in ("params", "_meta", "progressToken"):
        request = request.get(member) if isinstance(request, dict) else None
    return request


class Asked:
    """Which methods were asked for under which id, so that each answer is held to its method's schema, and what else
    was asked for, so that nothing comes that wasn't."""

    def __init__(self, strict=True):
        self._strict = strict
        self._methods = collections.defaultdict(list)
        self._refusable = set()
        self._tokens = {}  # the progress tokens of requests that wait, each by its request's id
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
                if isinstance(token := _progress_token(member), (str, int, float)):
                    self._tokens[name(member["id"])] = name(token)

    def check(self, parsed, length):
        """Takes an answer, a batch of them or a notification, and how long the line was."""
        if contract.is_notification(parsed):
            self._check_notification(parsed)
            return
        for answer in parsed if isinstance(parsed, list) else [parsed]:
            self._check_answer(answer, is_short=length < 1000)

    def _check_notification(self, notification):
        contract.check_notification(notification)
        params = notification["params"]
        if notification["method"] == "$/progress":
            assert name(params["progressToken"]) in self._tokens.values(), f"nobody waits for this: {params}"
            assert params["progress"] <= params["total"], f"more is done than there is to do: {params}"

    def _check_answer(self, answer, is_short):
        """An answer must fit one of the methods that its id stands for. Short ones that look alike are checked once."""
        id = name(answer.get("id"))
        self._tokens.pop(id, None)
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
