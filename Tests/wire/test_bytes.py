"""How bytes become lines: only 0x0A ends one, wherever the stream is cut, and the end of the input ends the last."""

import pytest
from host import Host, run
from messages import call

BOM = b"\xef\xbb\xbf"
PING = call(1, "ping")
PONG = b'{"jsonrpc":"2.0","id":1,"result":{}}\n'


def kind(answer):
    return answer["error"]["data"]["kind"]


def test_the_answer_to_a_ping_is_these_bytes(store):
    assert run(PING, store).raw == PONG


def test_a_session_byte_by_byte(store):
    session = BOM + b"".join(
        [
            call("ä", "conversation/start", {"conversationId": "c"}),
            call(2, "conversation/send", {"conversationId": "c", "content": "Grüße, 世界 😀"}),
            b"\r\n",
            call(3, "conversation/history", {"conversationId": "c"}),
        ]
    )
    with Host(store) as host:
        for place in range(len(session)):
            host.send_raw(session[place : place + 1])
        assert host.expect("ä")["conversation"]["id"] == "c"
        assert host.expect(2)["reply"]["content"] == "You said: Grüße, 世界 😀"
        assert [message["role"] for message in host.expect(3)["messages"]] == ["user", "assistant"]


def test_a_line_cut_in_two_anywhere(host):
    """The first part travels behind a ping in one write, so its answer tells that the part has been read alone."""
    text = '{"jsonrpc":"2.0","id":"😀\\n\\"é","method":"ping","params":{"_meta":"]}"}}\n'.encode()
    for place in range(1, len(text)):
        host.send_raw(call(place, "ping") + text[:place])
        host.expect(place)
        host.send_raw(text[place:])
        host.expect('😀\n"é')


def test_many_lines_in_one_write_are_answered_in_order(store):
    count = 500
    done = run(b"".join(call(number, "ping") for number in range(count)), store)
    assert [answer["id"] for answer in done.lines] == list(range(count))


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"  \n", b"\t \r\n", b"\n\n\n"])
def test_blank_lines_are_passed_over(store, blank):
    assert run(blank + PING + blank + blank, store).raw == PONG


def test_a_return_before_the_line_end_is_dropped(store):
    assert run(PING.replace(b"\n", b"\r\n"), store).raw == PONG


def test_a_return_between_tokens_is_white_space(store):
    assert run(b'{"jsonrpc":"2.0",\r"id":1,\r\t"method":"ping"}\n', store).raw == PONG


def test_returns_alone_end_no_line(store):
    done = run(PING.replace(b"\n", b"\r") + PING, store)
    assert [kind(answer) for answer in done.lines] == ["parseError"]


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\u0085", "\x7f"])
def test_other_line_ends_of_unicode_end_no_line(store, letter):
    text = f'{{"jsonrpc":"2.0","id":"a{letter}b","method":"ping"}}\n'.encode()
    assert run(text, store).raw == f'{{"jsonrpc":"2.0","id":"a{letter}b","result":{{}}}}\n'.encode()


def test_a_byte_order_mark_at_the_very_start_is_dropped(store):
    assert run(BOM + PING, store).raw == PONG


@pytest.mark.parametrize("before", [BOM, PING, b"\n"], ids=["twice", "second line", "after a blank line"])
def test_a_byte_order_mark_anywhere_else_is_no_json(store, before):
    answers = run(before + BOM + PING + PING, store).lines
    assert [kind(answer) for answer in answers if "error" in answer] == ["parseError"]
    assert answers[-1] == {"jsonrpc": "2.0", "id": 1, "result": {}}


@pytest.mark.parametrize("input", [b"", BOM, b"\n", b" ", b"\r\n\r\n"], ids=repr)
def test_an_input_without_a_message_is_answered_with_nothing(store, input):
    done = run(input, store)
    assert (done.status, done.raw) == (0, b"")


@pytest.mark.parametrize("before", [b"", BOM, PING])
def test_the_last_line_needs_no_line_end(store, before):
    done = run(before + PING.rstrip(b"\n"), store)
    assert (done.status, done.raw) == (0, PONG + PONG if before == PING else PONG)


def test_the_end_of_the_input_within_a_line(store):
    """At every place: what stands there is no message, is said to be none, and the host leaves as it should."""
    text = PING.rstrip(b"\n")
    with Host(store) as host:
        host.send_raw(text[:-1])
        host.close_input()
        answer = host.next()
        assert (answer["id"], kind(answer)) == (None, "parseError")
        assert host.wait() == 0
    for place in (1, 5, len(text) // 2):
        done = run(text[:place], store)
        assert (done.status, [kind(answer) for answer in done.lines]) == (0, ["parseError"])
