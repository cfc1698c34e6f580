"""A command for each turn: what it reads, what of its output is the reply, and how it fails.

How commands are found and what they are handed is in test_programs.py; how they are stopped in test_exec_stopped.py.
"""

import signal

import pytest
from messages import WireError
from plugin_kit import do, serve, stage  # noqa: F401
from streams import finished


@pytest.fixture
def host(stage, serve):
    return serve(stage.exec())


def failure(host, *steps):
    with pytest.raises(WireError) as caught:
        host.send("c", do(*steps))
    assert caught.value.data["agentId"] == "steered"
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"
    return caught.value


def hex(data):
    return f"bytes {data.hex()}"


# What it reads


def test_it_gets_one_line_with_what_a_plugin_would_get(stage, host):
    """The line is held to the published schema as well, on the stage."""
    host.send("c", "before")
    shown = host.request("context/preview", {"conversationId": "c", "prompt": "we have \u2028 \x00 ü"})
    sent = host.send("c", "we have \u2028 \x00 ü")
    told = stage.wait("received", count=2)
    assert told["lines"] == 1
    params = told["received"]
    del shown["estimatedTokens"]
    assert {name: params[name] for name in shown} == shown
    assert (params["agentId"], params["turnId"]) == ("steered", sent["turnId"])
    assert params["executionId"] == sent["reply"]["metadata"]["execution_id"]
    assert (params["conversation"]["id"], params["conversation"]["type"]) == ("c", "general")


def test_outside_of_conversations(stage, host):
    done = host.request("agent/execute", {"prompt": "a", "context": {"b": 1}})
    params = stage.wait("received")["received"]
    assert params.pop("executionId") == done["executionId"]
    assert params.pop("messages") in ([], [{"role": "user", "content": "a"}])
    assert params == {"agentId": "steered", "prompt": "a", "context": {"b": 1}}


def test_each_turn_is_a_process_of_its_own(stage, host):
    for text in "abc":
        assert host.send("c", text)["reply"]["content"] == f"Heard: {text}"
    assert len({told["pid"] for told in stage.all(began="exec")}) == 3


@pytest.mark.parametrize("status", [0, 3])
def test_one_that_does_not_read(stage, serve, status):
    """More is offered to it than a pipe takes."""
    host = serve(stage.exec(first=["reply Fine.", f"exit {status}"], window={"tokens": 10_000_000}))
    host.send("c", "x" * 2_000_000, execute=False)
    answer = host.answer(host.begin_send("c", "a"))
    if status == 0:
        assert answer["result"]["reply"]["content"] == "Fine."
    else:
        assert answer["error"]["data"]["exitStatus"] == 3
        assert answer["error"]["data"]["partial"] == "Fine."


def test_one_that_reads_no_more_but_works_on(stage, serve):
    host = serve(stage.exec(first=["close 0", "gate on", "reply Fine.", "exit 0"]))
    host.send("c", "x" * 200_000, execute=False)
    waiting = host.begin_send("c", "a")
    stage.open("on")
    assert host.expect(waiting)["reply"]["content"] == "Fine."


# What it writes


@pytest.mark.parametrize(
    ("written", "reply"),
    [
        (b"", ""),
        (b"\n", ""),
        (b"Hello", "Hello"),
        (b"Hello\n", "Hello"),
        (b"Hello\r\n", "Hello"),
        (b"Hello\n\n\r\n\n", "Hello"),
        (b"\n\nHe\n\nllo \n", "\n\nHe\n\nllo "),
        ("Zoë 😀\u2028\u0085".encode(), "Zoë 😀\u2028\u0085"),
        (b"a\x00\x1b[1mb\n", "a\x00\x1b[1mb"),
        (b"{\"response\":\"a\"}\n", '{"response":"a"}'),
    ],
)  # fmt: skip
def test_the_reply_is_what_it_writes_without_line_ends_at_its_end(host, written, reply):
    sent = host.send("c", do(hex(written), "exit 0"))
    assert sent["reply"]["content"] == reply
    assert (sent["reply"]["metadata"]["tokens_used"], sent["reply"]["metadata"]["tools_used"]) == (0, [])
    stream = finished(host, host.begin_send("c", do(hex(written), "exit 0"), stream=True))
    assert stream.text() == reply


@pytest.mark.parametrize(
    ("written", "reply"),
    [
        (b"a\xffb", "a\ufffdb"),
        (b"caf\xe9 au lait", "caf\ufffd au lait"),
        (b"a\xc3", "a\ufffd"),
        (b"\xf0\x9f\x98", "\ufffd"),
        (b"\xed\xa0\x80x", "\ufffd\ufffd\ufffdx"),
        (b"\xc0\x80", "\ufffd\ufffd"),
    ],
)
def test_what_is_no_utf8_is_replaced(host, written, reply):
    assert host.send("c", do(hex(written), "exit 0"))["reply"]["content"] == reply


def test_it_is_seen_as_it_comes(stage, host):
    id = host.begin_send("c", do("reply Hel", "gate middle", "reply lo", "gate end", hex(b"\n\n"), "exit 0"), stream=True)
    assert host.wait_for("turn/delta", id)["text"] == "Hel"
    stage.open("middle")
    assert host.wait_for("turn/delta", id, count=2)["text"] == "lo"
    stage.open("end")
    stream = finished(host, id)
    assert stream.text() == stream.end["message"]["content"] == "Hello"


def test_line_ends_wait_until_more_comes_behind_them(stage, host):
    """Those at the very end belong to nothing, so none is told before it is known."""
    id = host.begin_send("c", do(hex(b"one\n\n"), "gate middle", hex(b"two\r\n"), "exit 0"), stream=True)
    assert host.wait_for("turn/delta", id)["text"] == "one"
    stage.open("middle")
    stream = finished(host, id)
    assert stream.text() == stream.end["message"]["content"] == "one\n\ntwo"


@pytest.mark.parametrize("letter", ["é", "€", "😀"])
def test_a_letter_that_comes_in_two_parts(stage, host, letter):
    data = letter.encode()
    steps = [hex(b"a" + data[:1]), "gate middle", hex(data[1:-1]), "gate middle", hex(data[-1:] + b"b"), "exit 0"]
    id = host.begin_send("c", do(*steps), stream=True)
    assert host.wait_for("turn/delta", id)["text"] == "a"
    stage.open("middle")
    stage.open("middle")
    stream = finished(host, id)
    assert stream.text() == stream.end["message"]["content"] == f"a{letter}b"


def test_a_long_reply(stage, host):
    size = 15 << 20
    sent = host.send("c", do(f"much {size}", "exit 0"))
    assert sent["reply"]["content"] == "x" * size


def test_a_reply_of_more_than_sixteen_mebibytes(stage, host):
    error = failure(host, "much 33554432", "exit 0")
    assert error.kind == "agentFailed"
    assert "16" in error.message


# How it fails


@pytest.mark.parametrize("status", [1, 3, 127, 255])
def test_a_status_other_than_zero(host, status):
    error = failure(host, "stderr the reason", "reply Half a", f"exit {status}")
    assert (error.kind, error.code) == ("agentFailed", 1021)
    assert error.data["exitStatus"] == status and str(status) in error.message
    assert "the reason" in error.data["stderr"]
    assert error.data["partial"] == "Half a"
    turn = host.history("c")["turns"][0]
    assert (turn["outcome"], turn["partial"]) == ("failed", "Half a")
    assert turn["error"]["data"]["exitStatus"] == status


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_signal(host, number):
    """It is told by its name."""
    error = failure(host, "stderr the reason", "reply Half a", f"kill {int(number)}")
    assert (error.kind, error.data["signal"], error.data["partial"]) == ("agentFailed", number.name, "Half a")
    assert "the reason" in error.data["stderr"]
    assert number.name in error.message


@pytest.mark.parametrize("signal", ["PIPE", "INT", "TERM", "HUP", "CHLD", "XFSZ"])
def test_signals_are_to_it_as_programs_expect(stage, serve, signal):
    """What the host itself passes over or holds back, its programs don't."""
    script = {"kind": "exec", "command": ["sh", "-c", f"kill -{signal} $$; echo alive"]}
    host = serve(stage.exec(), agents={"shell": script})
    answer = host.answer(host.begin("agent/execute", {"agentId": "shell", "prompt": "a"}))
    if signal == "CHLD":
        assert answer["result"]["response"] == "alive"
    else:
        assert answer["error"]["data"]["signal"] == f"SIG{signal}"


def test_the_end_of_its_stderr_goes_into_the_error(host):
    """The log has all of it."""
    error = failure(host, "stderr the beginning", "flood 1048576", "stderr the end", "exit 1")
    assert error.data["stderr"].rstrip().endswith("the end")
    assert "the beginning" not in error.data["stderr"] and len(error.data["stderr"]) < 1 << 16


def test_a_stderr_that_is_no_utf8(host):
    error = failure(host, "complain 61ff0a62", "exit 1")
    assert error.data["stderr"].rstrip() == "a\ufffd\nb"


# Several at once


def test_four_at_once_and_no_more(stage, serve):
    host = serve(stage.exec(), start="abcdef")
    waiting = {id: host.begin_send(id, do(f"gate {id}", f"reply {id}")) for id in "abcdef"}
    for id in "abcd":
        stage.at(id)
    assert host.request("ping") == {}
    assert stage.starts("exec") == 4
    stage.open("c")
    assert host.expect(waiting["c"])["reply"]["content"] == "c"
    stage.at("e")
    assert stage.starts("exec") == 5
    for id in "abdef":
        stage.open(id)
        assert host.expect(waiting[id])["reply"]["content"] == id


def test_as_many_as_the_config_says(stage, serve):
    host = serve(stage.exec(concurrency=1), start="ab")
    first, second = (host.begin_send(id, do(f"gate {id}", f"reply {id}")) for id in "ab")
    stage.at("a")
    assert host.request("ping") == {}
    assert stage.starts("exec") == 1
    stage.open("a")
    stage.open("b")
    assert [host.expect(id)["reply"]["content"] for id in (first, second)] == ["a", "b"]


def test_it_is_listed_as_ready(host):
    (agent,) = [agent for agent in host.request("agent/list")["agents"] if agent["id"] == "steered"]
    assert (agent["kind"], agent["state"], agent["capabilities"]) == ("exec", "ready", [])
