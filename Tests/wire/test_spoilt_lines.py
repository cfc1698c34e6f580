"""Thousands of lines spoilt at random: each is refused exactly where another strict parser refuses it."""

import json
import random

from host import run
from messages import call

SEEDS = [
    '{"jsonrpc":"2.0","id":"é😀\\ud83d\\ude00\\n","method":"ping",'
    '"params":{"_meta":{"a":[1,-2.5e3,true,null],"":{},"\\u00e9":"\u2028"}}}',
    '[{"jsonrpc":"2.0","id":9223372036854775807,"method":"ping"},{"jsonrpc":"2.0","method":"ping","params":[]}]',
    '{ "jsonrpc" : "2.0" , "id" : -0.1E-2 , "method" : "no/such" , "params" : { "x" : [ [ ] , { } , "\\/\\"\\\\" ] } }',
]
PIECES = [
    b"", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"9" * 19, b"e400", b".", b"-", b"\\u0000", b"\\ud800",
    b"\x00", b"\x1f", b"\x7f", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b" ", b"\t", b"\r", b"\x0c", b'"a":1,',
]  # fmt: skip


def spoilt(random):
    """A line with a place or a few cut out, doubled, or replaced by a piece that tends to matter."""
    text = random.choice(SEEDS).encode()
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 0, 1, 1, 2, 8]))
        text = text[:start] + random.choice([*PIECES, text[start:end] * 2]) + text[end:]
    return text


def is_json(text):
    """Python's verdict, with the refusals that JSON leaves open: keys twice, halves of pairs, numbers out of range."""

    def integer(digits):
        if not -(2**63) <= int(digits) < 2**63:
            raise ValueError(digits)

    def real(digits):
        if abs(float(digits)) == float("inf"):
            raise ValueError(digits)

    def members(pairs):
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys) or any("\0" in key for key in keys):
            raise ValueError(keys)
        return list(pairs)

    def constant(name):
        raise ValueError(name)

    try:
        hooks = {"parse_int": integer, "parse_float": real, "parse_constant": constant, "object_pairs_hook": members}
        value = json.loads(text.decode("utf-8"), **hooks)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except ValueError:
        return False
    return True


def test_spoilt_lines(store):
    """A ping behind each line tells which answers are the line's own."""
    dice = random.Random(20)
    lines = [spoilt(dice) for _ in range(4000)]
    lines = [text for text in lines if text.strip(b" \t\r") and b"\n" not in text]
    session = b"".join(text + b"\n" + call(f"p{number}", "ping") for number, text in enumerate(lines))
    done = run(session, store)
    assert done.status == 0
    said, answers = [], iter(done.lines)
    for number in range(len(lines)):
        own = []
        while (answer := next(answers)) != {"jsonrpc": "2.0", "id": f"p{number}", "result": {}}:
            own.append(answer)
        said.append(own)
    wrong = []
    for text, own in zip(lines, said):
        refused = [answer["error"]["code"] for answer in own if isinstance(answer, dict) and "error" in answer] == [-32700]
        if refused == is_json(text):
            wrong.append((text, own))
    assert wrong == []
    verdicts = [is_json(text) for text in lines]
    assert 500 < sum(verdicts) < len(lines) - 500, "both kinds must come up often"
