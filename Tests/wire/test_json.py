"""Which texts are JSON here, and that values come back as they went in."""

import contract
import pytest
from host import run
from messages import call

PING = call(1, "ping")
PONG = {"jsonrpc": "2.0", "id": 1, "result": {}}


def refusal(text, store):
    """Sends one line that must be refused, and a ping behind it that must not be."""
    first, *rest = run(text + b"\n" + PING, store).lines
    assert rest == [PONG]
    assert (first["id"], first["error"]["code"]) == (None, -32700)
    assert 0 <= first["error"]["data"]["offset"] <= len(text)
    return first["error"]["data"]


def with_id(literal):
    return b'{"jsonrpc":"2.0","id":' + literal + b',"method":"ping"}'


BAD_UTF8 = {
    "no such byte": b"\xff",
    "continuation alone": b"\x80",
    "cut after one of two": b"\xc3",
    "cut after two of three": b"\xe2\x82",
    "cut after three of four": b"\xf0\x9f\x98",
    "overlong slash": b"\xc0\xaf",
    "overlong of three": b"\xe0\x80\xaf",
    "overlong NUL": b"\xc0\x80",
    "overlong of four": b"\xf0\x80\x80\xaf",
    "surrogate": b"\xed\xa0\x80",
    "pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "past the last code point": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "UTF-16": "é".encode("utf-16"),
}


@pytest.mark.parametrize("bytes", BAD_UTF8.values(), ids=BAD_UTF8)
def test_invalid_utf8_is_refused(store, bytes):
    assert refusal(with_id(b'"a' + bytes + b'b"'), store)["kind"] == "parseError"
    assert refusal(b'{"jsonrpc":"2.0","id":1,"method":"ping","' + bytes + b'":1}', store)["kind"] == "parseError"
    assert refusal(bytes + PING.rstrip(b"\n"), store)["kind"] == "parseError"


@pytest.mark.parametrize("letters", ["\x7f", "\u0080", "\ud7ff", "\ue000", "\ufdd0", "\uffff", "\U00010000", "\U0010ffff"])
def test_every_code_point_is_taken(store, letters):
    raw = f'"{letters}"'.encode()
    assert run(with_id(raw) + b"\n", store).raw == b'{"jsonrpc":"2.0","id":' + raw + b',"result":{}}\n'


@pytest.mark.parametrize(
    "escapes", ["\\ud800", "\\udc00", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041", "\\ud800\\ud800", "\\ude00\\ud83d"]
)
def test_half_a_pair_of_surrogates_is_refused(store, escapes):
    assert refusal(with_id(f'"{escapes}"'.encode()), store)["kind"] == "parseError"


def test_escapes_come_back_as_their_letters(store):
    done = run(with_id(rb'"\ud83d\ude00\u00e9\/\u0022\\\b\f\n\r\t\u0001\u007f"') + b"\n", store)
    expected = rb'{"jsonrpc":"2.0","id":"' + "😀é/".encode() + rb'\"\\\b\f\n\r\t\u0001' + b'\x7f","result":{}}\n'
    assert done.raw == expected


BAD_TEXTS = [
    b"{", b"[", b'"', b"tru", b"nul", b"{]", b"[}", b"}", b",", b":", b'{"a"}', b'{"a":}', b'{"a":1,}', b"[1,]", b"[,1]",
    b"{,}", b"[1 2]", b"{a:1}", b"{'a':1}", b"{1:2}", b'["a]', b'["\\x"]', b'["\\u12g4"]', b'["\\u12"]', b"[NaN]", b"[nan]",
    b"[Infinity]", b"[-Infinity]", b"[01]", b"[+1]", b"[.5]", b"[1.]", b"[1e]", b"[1e+]", b"[-]", b"[0x10]", b"[1_000]",
    b"[True]", b"[None]", b"[undefined]", b"// x", b"/**/[]", b"[] []", b"{}{}", b"1 2", b"[]]", b'["\t"]', b'["\x1f"]',
    b'["\x00"]', b"[\x00]", b"\x00", b"{}\x00", b"[\x0b1]", b"[\xa0 1]",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_TEXTS, ids=repr)
def test_what_is_no_json_is_refused(store, text):
    assert refusal(text, store)["kind"] == "parseError"


@pytest.mark.parametrize("value", ["0", "17", "1.5", "1e2", "-0.0", "true", "false", "null", '"x"', "[]", "{}"])
def test_a_raw_nul_is_nowhere_white_space(store, value):
    """libjansson takes one behind a number or a word for the end of that token, and goes on behind it."""
    for nul in (f"{value}\0", f"\0{value}", f"{value}\0\0 "):
        text = f'{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"_meta":[{nul},{nul}]}}}}'.encode()
        assert refusal(text, store)["kind"] == "parseError"


@pytest.mark.parametrize("behind", [PING, b" 1", b"," + PING, b" {}", b"]"])
def test_a_line_holds_one_value(store, behind):
    assert refusal(PING.rstrip() + behind.rstrip(), store)["kind"] == "parseError"


LONG = "1" + "0" * 400


@pytest.mark.parametrize(
    "number",
    ["9223372036854775808", "-9223372036854775809", "18446744073709551616", LONG, "1e400", "-1e400", LONG + ".5"],
    ids=lambda number: number[:20],
)
def test_numbers_past_64_bits_or_a_double_are_refused(store, number):
    assert refusal(with_id(number.encode()), store)["kind"] == "parseError"
    text = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[' + number.encode() + b"]}}"
    assert refusal(text, store)["kind"] == "parseError"


@pytest.mark.parametrize(
    "text",
    [
        b'{"jsonrpc":"2.0","id":2,"id":1,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a":1,"b":2,"a":1}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[{"a":1,"\\u0061":1}]}}',
        b'[{"jsonrpc":"2.0","id":1,"method":"ping","":1,"":2}]',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a\\u0000":1}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"\\u0000":1}}}',
    ],
)
def test_a_key_twice_or_with_a_nul_is_refused(store, text):
    assert refusal(text, store)["kind"] == "parseError"


def test_letters_that_only_look_alike_are_two_keys(store):
    """Composed and decomposed: a language that compares letters rather than bytes would merge them."""
    metadata = '{"\u00e9":1,"e\u0301":2}'
    start = f'{{"jsonrpc":"2.0","id":1,"method":"conversation/start","params":{{"metadata":{metadata}}}}}\n'
    assert f'"metadata":{metadata}'.encode() in run(start.encode(), store).raw


VALUES = {
    "0": "0", "-1": "-1", "9223372036854775807": None, "-9223372036854775808": None, "9007199254740993": None,
    "0.1": None, "0.10": "0.1", "1e22": "1e+22", "1E22": "1e+22", "100.0": None, "1e2": "100.0", "-0.0": None,
    "0.0": None, "5e-324": None, "1.7976931348623157e308": "1.7976931348623157e+308", "-2.5": None,
    "3.141592653589793": None,
    "0.30000000000000004": None, "2.2250738585072014e-308": None,
}  # fmt: skip


@pytest.mark.parametrize("sent", VALUES)
def test_numbers_come_back_as_they_went_in(store, sent):
    """As an id, inside of metadata, and in the file: the bytes are looked at, since 1.0 and 1 parse alike."""
    back = VALUES[sent] or sent
    assert run(with_id(sent.encode()) + b"\n", store).raw == f'{{"jsonrpc":"2.0","id":{back},"result":{{}}}}\n'.encode()
    params = f'{{"conversationId":"c","metadata":{{"n":{sent},"list":[{sent}]}}}}'
    start = f'{{"jsonrpc":"2.0","id":1,"method":"conversation/start","params":{params}}}\n'.encode()
    expected = f'"metadata":{{"n":{back},"list":[{back}]}}'.encode()
    assert expected in run(start, store).raw
    assert expected in (store / "conversations" / "c.jsonl").read_bytes()


def test_members_keep_their_order_and_values_their_kind(store):
    metadata = b'{"z":1,"a":{"y":[],"b":{}},"m":[true,false,null,"",[[]]],"\\u0001":"\\u0000","":-7}'
    params = b'{"conversationId":"c","metadata":' + metadata + b"}"
    start = b'{"jsonrpc":"2.0","id":1,"method":"conversation/start","params":' + params + b"}\n"
    get = call(2, "conversation/get", {"conversationId": "c"})
    raw = run(start + get, store).raw
    assert raw.count(b'"metadata":' + metadata) == 2
    assert run(get, store).raw.count(b'"metadata":' + metadata) == 1


def test_a_nul_in_a_message_survives(store):
    """In the answer, in the reply, in the history of another process, and in the file."""
    content = "before\0after\0"
    session = call(1, "conversation/start", {"conversationId": "c"})
    session += call(2, "conversation/send", {"conversationId": "c", "content": content, "metadata": {"x": "\0"}})
    sent = run(session, store).lines[1]["result"]
    assert sent["message"]["content"] == content
    assert sent["message"]["metadata"] == {"x": "\0"}
    assert sent["reply"]["content"] == "You said: " + content
    page = run(call(3, "conversation/history", {"conversationId": "c"}), store).lines[0]["result"]
    assert page["messages"] == [sent["message"], sent["reply"]]
    texts = (store / "conversations" / "c.jsonl").read_bytes().splitlines()
    assert contract.parse(texts[1]) == sent["message"]
    assert b"before\\u0000after\\u0000" in texts[1]
