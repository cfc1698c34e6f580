"""Where `parley-agent-http` takes its key from, and that it tells nobody but the server."""

import contextlib
import json
from pathlib import Path

import pytest
from agent_http import APIS, KEY, STREAMED, AgentHTTP, PluginError, asked, check_hidden, refused, settings
from model_replies import chunk, data, event, message_start, refusal, text_block, whole
from model_server import CUT, Gate, ModelServer, Reply

NAMES = {"openai": "authorization", "anthropic": "x-api-key", "llm-crafter": "x-api-key"}


def sent(server, api="openai", number=0):
    """The key that came with a request."""
    value = server.request(number).headers[NAMES[api]]
    return value.removeprefix("Bearer ") if api == "openai" else value


# Where it is


@pytest.mark.parametrize("api", APIS)
def test_a_variable(tmp_path, api):
    with asked(tmp_path, api, whole(api, "Hi")) as (server, agent):
        agent.execute()
        assert sent(server, api) == KEY


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nmore\n"], ids=["bare", "a line", "CRLF", "more lines"])
@pytest.mark.parametrize("where", ["file", "command", "path"])
def test_a_file_and_a_command(tmp_path, where, end):
    """The first line. Paths count from the folder that the program runs in, which is the config's."""
    (tmp_path / "keys").mkdir()
    path = tmp_path / "keys" / "key.txt"
    path.write_bytes(f"{KEY}{end}".encode())
    places = {"file": "keys/key.txt", "path": str(path), "command": ["cat", "keys/key.txt"]}
    key = {"command" if where == "command" else "file": places[where]}
    with asked(tmp_path, "openai", whole("openai", "Hi"), apiKey=key) as (server, agent):
        agent.execute()
        assert sent(server) == KEY


def test_a_command_has_the_programs_own_variables_and_no_input(tmp_path):
    script = tmp_path / "key.sh"
    script.write_text('#!/bin/sh\nread -r line && exit 1\nprintf "%s\\n" "$MODEL_KEY$1"\n')
    script.chmod(0o755)
    with asked(tmp_path, "openai", whole("openai", "Hi"), apiKey={"command": ["./key.sh", "-1$x"]}) as (server, agent):
        agent.execute()
        assert sent(server) == KEY + "-1$x"


def test_it_is_read_when_it_is_needed(tmp_path):
    """Not before the first turn; and what was missing then may be there for the next one."""
    path = tmp_path / "key.txt"
    with asked(tmp_path, "openai", whole("openai", "Hi"), apiKey={"file": "key.txt"}) as (server, agent):
        assert refused(agent).kind == "unavailable"
        path.write_text("")
        assert refused(agent).kind == "unavailable"
        path.write_text(KEY)
        agent.execute()
        assert sent(server) == KEY


def test_a_command_is_not_run_before_the_first_turn(tmp_path):
    key = {"command": ["sh", "-c", 'echo run >>runs; echo "$MODEL_KEY"']}
    with asked(tmp_path, "openai", whole("openai", "Hi"), apiKey=key) as (_, agent):
        with pytest.raises(PluginError):
            agent.expect(agent.begin("nothing/known", {}))
        assert not (tmp_path / "runs").exists()
        agent.execute()
        assert (tmp_path / "runs").exists()


MISSING = {
    "no variable": ({"environment": "NO_SUCH_KEY"}, ["NO_SUCH_KEY"]),
    "an empty variable": ({"environment": "EMPTY_KEY"}, ["EMPTY_KEY"]),
    "no file": ({"file": "nowhere.txt"}, ["nowhere.txt"]),
    "a folder": ({"file": "."}, ["`"]),
    "an empty file": ({"file": "/dev/null"}, ["/dev/null"]),
    "a file that begins with an empty line": ({"file": "late.txt"}, ["late.txt"]),
    "no command": ({"command": ["./nowhere", "x"]}, ["nowhere"]),
    "a command that fails": ({"command": ["sh", "-c", 'echo "$MODEL_KEY"; exit 3']}, ["3"]),
    "a command that says nothing": ({"command": ["true"]}, ["true"]),
    "a command that is killed": ({"command": ["sh", "-c", 'echo "$MODEL_KEY"; kill -9 $$']}, ["9"]),
}


@pytest.mark.parametrize("name", MISSING)
def test_one_that_is_missing(tmp_path, name):
    """The sentence says where it was looked for, and no server is asked."""
    key, said = MISSING[name]
    (tmp_path / "late.txt").write_text(f"\n{KEY}\n")
    with asked(tmp_path, "openai", whole("openai", "Hi"), apiKey=key, variables={"EMPTY_KEY": ""}) as (server, agent):
        error = refused(agent)
        assert error.kind == "unavailable"
        for words in said:
            assert words in error.message
        assert server.requests == []


BROKEN = {"a line end": f"{KEY}\rX-More: 1", "a tab": f"{KEY}\t1", "a NUL": f"{KEY}\0", "no ASCII": f"{KEY}ü"}


@pytest.mark.parametrize("name", BROKEN)
def test_one_that_is_no_key(tmp_path, name):
    """Nothing but a key gets into a header."""
    (tmp_path / "key.txt").write_text(BROKEN[name])
    with asked(tmp_path, "openai", whole("openai", "Hi"), apiKey={"file": "key.txt"}) as (server, agent):
        assert refused(agent).kind == "unavailable"
        assert server.requests == []


FAULTY = [{}, "sk-key", {"environment": ""}, {"environment": 7}, {"file": []}, {"command": []}, {"command": "cat x"}]
FAULTY += [{"environment": "A", "file": "b"}, {"key": "sk-key"}]


@pytest.mark.parametrize("key", FAULTY, ids=json.dumps)
def test_a_place_that_is_none(tmp_path, key):
    """A key that stands in the settings itself is refused, and isn't repeated."""
    with AgentHTTP(tmp_path, None) as agent:
        with pytest.raises(PluginError) as caught:
            agent.initialize(settings("openai", "http://127.0.0.1:9", apiKey=key))
        assert "apiKey" in caught.value.message
        assert "sk-key" not in caught.value.text


# Whom it is told


LEAK = f"Incorrect API key provided: {KEY}. You can find yours at example.com."
QUOTED = KEY.replace("-", "\\u002d").encode()


def leaks(api):
    """Servers that tell the key back, in all the places where words of theirs are told on."""
    begun = [chunk({"content": "Hi"})] if api == "openai" else [message_start(), *text_block(0, "Hi")[:2]]
    error = {"openai": data({"error": {"message": LEAK}}), "anthropic": event("error", error={"message": LEAK})}
    yield "401", refusal(401, LEAK)
    yield "403 in plain text", Reply(LEAK.encode(), status=403, type="text/plain")
    yield "400", refusal(400, LEAK, type=KEY)
    yield "500", refusal(500, LEAK)
    yield "429", Reply.json({"error": KEY}, status=429)
    yield "escaped", Reply(b'{"error": {"message": "' + QUOTED + b'"}}', status=400, type="application/json")
    yield "escaped in what is no JSON", Reply(b'{"error": "' + QUOTED, status=400, type="application/json")
    yield "again and again", refusal(400, KEY * 5_000)
    yield "anywhere", refusal(400, "".join("x" * number + KEY for number in range(200)))
    yield "a header", refusal(401, "No.", **{"WWW-Authenticate": f'Bearer error="{KEY}"', "Location": f"/{KEY}"})
    yield "a status line", Reply(before=[f"HTTP/1.1 400 {KEY}\r\nContent-Length: 0\r\n\r\n".encode(), CUT])
    yield "what is no HTTP", Reply(before=[f"{KEY} {KEY}\r\n\r\n".encode(), CUT])
    yield "another page", Reply(status=302, framing="length", headers={"Location": f"http://127.0.0.1:9/{KEY}"})
    yield "no JSON", Reply(LEAK.encode(), type="application/json")
    yield "JSON of another shape", Reply.json({KEY: LEAK})
    if api in error:
        yield "the stream", Reply(*begun, error[api])
        yield "the stream's beginning", Reply(error[api])
        yield "events that are no JSON", Reply(*begun, f"data: {LEAK}\n\n".encode())
        yield "an event of another shape", Reply(*begun, data([LEAK]), data({"choices": LEAK, "type": LEAK}))
        yield "a type", Reply(LEAK.encode(), type=f"text/{KEY}")


LEAKS = {f"{api}: {name}": (api, reply) for api in APIS for name, reply in leaks(api)}


@pytest.mark.parametrize(("api", "reply"), LEAKS.values(), ids=LEAKS)
def test_a_server_that_tells_it_back(tmp_path, api, reply):
    """Leaving the block searches all that was written."""
    with asked(tmp_path, api, reply) as (_, agent):
        check_hidden(refused(agent).text)


def test_the_servers_other_words_are_told(tmp_path):
    with asked(tmp_path, "openai", refusal(401, LEAK)) as (_, agent):
        error = refused(agent)
        assert "Incorrect API key provided" in error.text and "You can find yours at example.com." in error.text


def test_a_short_key_hides_only_itself(tmp_path):
    """A key of a letter or two, for servers that want any, does not make what is told unreadable."""
    refused_so = refusal(404, "The model `m` does not exist.")
    with asked(tmp_path, "openai", refused_so, variables={"MODEL_KEY": "e"}) as (_, agent):
        assert "The model `m` does not exist." in refused(agent).text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("api", STREAMED)
def test_a_redirection_takes_it_nowhere(tmp_path, api, status):
    with ModelServer(whole(api, "Hi")) as other:
        away = Reply(status=status, framing="length", headers={"Location": other.url + "/v1/chat/completions"})
        with asked(tmp_path, api, away) as (_, agent):
            error = refused(agent)
            assert error.kind != "timeout" and str(status) in error.text
            assert other.requests == []


def test_other_processes_do_not_see_it(tmp_path):
    """No command line has it, while a turn runs: those are for everybody to read."""
    (tmp_path / "key.txt").write_text(KEY)
    key = {"apiKey": {"file": "key.txt"}, "variables": {"MODEL_KEY": ""}}
    with asked(tmp_path, "openai", Reply(Gate()), **key) as (server, agent):
        agent.begin_execute()
        assert sent(server) == KEY
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                check_hidden((process / "cmdline").read_text(errors="replace"))
        assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["key.txt"]
