"""A plugin that keeps to everything that docs/plugins.md says, for the tests of `parley plugin check`: each puts a class
behind it that has one thing otherwise, and runs that.

    python3 -I -S plugin.py NOTES …

It reads ahead what was written together with a request, and notes what it is told in the file NOTES.
"""

import collections
import json
import os
import signal
import subprocess
import sys
import time


def stay():
    while True:
        time.sleep(1000)


class Plugin:
    capabilities = ["agent/execute", "profile/load", "sentiment/analyze", "topics/extract", "context/build"]
    settings = None

    def send(self, **message):
        self.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def write(self, data):
        while data:
            data = data[os.write(1, data):]

    def lines(self):
        rest = b""
        while data := os.read(0, 1 << 20):
            *whole, rest = (rest + data).split(b"\n")
            self.ahead.extend(whole)
            while self.ahead:
                yield self.ahead.popleft()

    def run(self):
        self.ahead = collections.deque()
        self.note({"pid": os.getpid(), "variables": sorted(os.environ), "arguments": sys.argv[2:]})
        for line in self.lines():
            message = json.loads(line)
            self.note(message)
            self.take(message.get("id"), message["method"], message["params"])
        self.leave()

    def note(self, what):
        with open(sys.argv[1], "a") as file:
            file.write(json.dumps(what) + "\n")

    def take(self, id, method, params):
        if id is None:
            self.cancel(params["id"]) if method == "$/cancelRequest" else self.hear(method)
        elif method == "initialize":
            self.initialize(id, params)
        elif method == "agent/execute":
            self.execute(id, params)
        elif method in HOOKS:
            self.answer(id, self.hook(method, params))
        else:
            self.unknown(id)

    def answer(self, id, result):
        self.send(id=id, result=result)

    def fail(self, id, code, message="No."):
        self.send(id=id, error={"code": code, "message": message})

    def initialize(self, id, params):
        self.settings = params["settings"]
        self.answer(id, {"name": "good", "version": "1", "capabilities": self.capabilities})

    def is_cancelled(self, id):
        if self.ahead and b"cancelRequest" in self.ahead[0]:
            return json.loads(self.ahead.popleft())["params"]["id"] == id

    def execute(self, id, params):
        if self.is_cancelled(id):
            return self.fail(id, -32800)
        self.piece(params, "What do you think? ", "thought")
        self.piece(params, "You ")
        self.piece(params, "said it.", "text")
        self.answer(id, {"response": self.response, "metadata": self.metadata})

    response = "You said it."
    metadata = {"tools_used": ["a"], "usage": {"input_tokens": 1, "output_tokens": 2}, "model": "m"}

    def piece(self, params, text, kind=None):
        more = {} if kind is None else {"kind": kind}
        self.send(method="agent/delta", params={"executionId": params["executionId"], "text": text, **more})

    def hook(self, method, params):
        return HOOKS[method]

    def unknown(self, id):
        self.fail(id, -32601)

    def hear(self, method):
        pass

    def cancel(self, id):
        pass

    def leave(self):
        pass


HOOKS = {
    "profile/load": {"profile": {}},
    "sentiment/analyze": {"sentiment": "neutral", "confidence": 0},
    "topics/extract": {"topics": ["a"]},
    "context/build": {"context": {"a": 1}},
}
