"""The commands for people and scripts: one request or one message a run."""

import json
import subprocess

import contract
import pytest
from host import PARLEY, PATIENCE, environment


@pytest.fixture
def parley(tmp_path, store):
    """Runs `parley` with these words on the test's store; gives status, stdout and stderr."""

    def run(*words, input="", variables=None, on_store=True):
        done = subprocess.run(
            [str(PARLEY), *words, *(["--store", str(store)] if on_store else [])],
            input=input.encode(),
            capture_output=True,
            timeout=PATIENCE,
            env={**environment(tmp_path), **(variables or {})},
            cwd=tmp_path,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


def value(outcome, method=None):
    """What was printed: the result of that method, on one line."""
    status, stdout, stderr = outcome
    assert (status, stderr) == (0, "")
    assert stdout.endswith("\n") and stdout.count("\n") == 1
    result = contract.parse(stdout.encode())
    if method is not None:
        contract.check_answer({"jsonrpc": "2.0", "id": 1, "result": result}, method)
    return result


def refusal(outcome):
    """The one line on stderr."""
    status, stdout, stderr = outcome
    assert (status, stdout) == (1, "")
    assert stderr.endswith("\n") and stderr.count("\n") == 1
    return stderr[:-1]


# parley call


def test_calls(parley):
    assert parley("call", "ping") == (0, "{}\n", "")
    started = value(parley("call", "conversation/start", '{"conversationId":"c","tags":["a"]}'), "conversation/start")
    assert started["conversation"]["tags"] == ["a"]
    params = json.dumps({"conversationId": "c", "content": "Grüße\n"})
    sent = value(parley("call", "conversation/send", "-", input=params), "conversation/send")
    assert sent["reply"]["content"] == "You said: Grüße\n"
    page = value(parley("call", "conversation/history", "conversationId=c", "limit=1"), "conversation/history")
    assert (len(page["messages"]), page["total"]) == (1, 2)


def test_params_by_name_are_json_where_no_string_is_wanted(parley):
    words = ["conversationId=c", "title=12", 'tags=["x"]', 'metadata={"n":[1,true]}', "userId=a=b c", "instructions="]
    started = value(parley("call", "conversation/start", *words), "conversation/start")["conversation"]
    assert [started[name] for name in ("title", "tags", "metadata", "userId", "instructions")] == [
        "12", ["x"], {"n": [1, True]}, "a=b c", "",
    ]  # fmt: skip
    assert value(parley("call", "conversation/list", "count=true"), "conversation/list")["total"] == 1


def test_a_call_that_fails(parley):
    assert refusal(parley("call", "conversation/get", "conversationId=none")).startswith("conversationNotFound: ")
    assert refusal(parley("call", "conversation/strat")).startswith("methodNotFound: ")
    assert "`limit`" in refusal(parley("call", "conversation/list", "limits=1"))
    assert refusal(parley("call", "conversation/list", "limit=many")).startswith("invalidParams: ")
    assert refusal(parley("call", "conversation/list", "limit")).startswith("invalidParams: ")
    assert refusal(parley("call", "conversation/list", "{limit}")).startswith("parseError: ")
    assert refusal(parley("call", "conversation/list", "-", input="[1")).startswith("parseError: ")


# parley send


def history(parley, id):
    page = value(parley("call", "conversation/history", f"conversationId={id}"), "conversation/history")
    return [message["content"] for message in page["messages"]]


def ids(parley):
    rows = value(parley("call", "conversation/list", "order=asc"), "conversation/list")["conversations"]
    return [row["id"] for row in rows]


def test_the_reply_alone_is_printed(parley):
    assert parley("send", "--new", "Hello") == (0, "You said: Hello\n", "")
    assert parley("send", "Hello") == (0, "You said: Hello\n", "")
    assert len(ids(parley)) == 2


def test_going_on_with_the_last_conversation_or_with_one_named(parley):
    for id in ("aa1", "bb1"):
        value(parley("call", "conversation/start", f"conversationId={id}"))
    assert parley("send", "aa1", "one") == (0, "You said: one\n", "")
    assert parley("send", "-c", "two")[0] == 0
    assert parley("send", "bb1", "three")[0] == 0
    assert parley("send", "last", "four")[0] == 0
    assert history(parley, "aa1")[::2] == ["one", "two"]
    assert history(parley, "bb1")[::2] == ["three", "four"]


def test_an_id_may_be_cut_to_its_end_if_that_is_clear(parley):
    for id in ("x-aa1", "x-ba1"):
        value(parley("call", "conversation/start", f"conversationId={id}"))
    assert parley("send", "aa1", "hello")[0] == 0
    assert history(parley, "x-aa1") == ["hello", "You said: hello"]
    refusal(parley("send", "a1", "hello"))
    assert refusal(parley("send", "zz", "hello")).startswith("conversationNotFound: ")
    assert history(parley, "x-ba1") == []


def test_the_message_may_come_from_stdin_and_from_a_file(parley, tmp_path):
    (tmp_path / "notes.txt").write_text("From a file.\n")
    assert parley("send", "--new", "-", input="From stdin.") == (0, "You said: From stdin.\n", "")
    assert parley("send", "--new", "-f", "notes.txt")[1].strip() == "You said: From a file."
    stdout = parley("send", "--new", "Look:", "-f", "notes.txt")[1]
    assert stdout.startswith("You said: Look:") and "From a file." in stdout
    assert "missing.txt" in refusal(parley("send", "--new", "x", "-f", "missing.txt"))


def test_everything_as_json(parley):
    status, stdout, _ = parley("send", "--new", "Hello", "--json")
    sent = contract.parse(stdout.encode())
    assert (status, sent["reply"]["content"], [sent["conversationId"]]) == (0, "You said: Hello", ids(parley))


def test_an_agent_can_be_chosen(parley, configured):
    config = str(configured(more_agents={"parrot": {"kind": "echo"}}.items()))
    assert parley("send", "--new", "a", "--config", config)[1] == "Heard: a\n"
    assert parley("send", "--new", "a", "--agent", "parrot", "--config", config)[1] == "You said: a\n"
    assert refusal(parley("send", "--new", "a", "--agent", "nobody", "--config", config)).startswith("agentNotFound: ")
    assert refusal(parley("send", "--new", "fail", "--config", config)).startswith("agentFailed: ")


def test_nothing_to_send_or_nothing_to_go_on_with(parley):
    refusal(parley("send"))
    assert refusal(parley("send", "-c", "hello")).startswith("conversationNotFound: ")


# The rest


def test_the_published_documents(parley):
    for name in ("openrpc", "event", "config", "script"):
        file = contract.SCHEMAS / ("openrpc.json" if name == "openrpc" else f"{name}.schema.json")
        assert parley("schema", name, on_store=False) == (0, file.read_text(), "")
    assert json.loads(parley("schema", on_store=False)[1]) == contract.DOCUMENT


def test_version_and_help(parley):
    assert parley("--version", on_store=False) == (0, contract.DOCUMENT["info"]["version"] + "\n", "")
    status, stdout, stderr = parley("--help", on_store=False)
    assert (status, stderr) == (0, "")
    for word in ("call", "send", "schema", "serve"):
        assert word in stdout
        assert parley(word, "--help", on_store=False)[0] == 0


@pytest.mark.parametrize(
    "words", [["--no-such-option"], ["call"], ["send", "-c", "--new", "x"], ["schema", "none"]]
)
def test_a_command_line_that_is_none(parley, words):
    """Said on stderr: stdout is for the protocol."""
    status, stdout, stderr = parley(*words, on_store=False)
    assert status not in (0, 1, 2) and stdout == ""
    assert "Usage: parley" in stderr


def test_where_the_store_is(parley, tmp_path):
    """Named, else in the environment, else under the home folder."""
    parley("call", "conversation/start", "conversationId=a", on_store=False)
    assert (tmp_path / ".local/share/parley/conversations/a.jsonl").exists()
    elsewhere = {"PARLEY_HOME": str(tmp_path / "elsewhere")}
    parley("call", "conversation/start", "conversationId=b", on_store=False, variables=elsewhere)
    assert (tmp_path / "elsewhere/conversations/b.jsonl").exists()
    parley("call", "conversation/start", "conversationId=c", variables=elsewhere)
    assert (tmp_path / "store/conversations/c.jsonl").exists()


def test_a_store_that_cannot_be(parley, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = parley("call", "ping", "--store", str(tmp_path / "file"), on_store=False)
    assert refusal(outcome).startswith("storeFailed: ")


@pytest.mark.parametrize(
    "word, hint",
    [
        ("verfy", "did you mean `parley verify`?"),
        ("conversation/list", "`parley call conversation/list`"),
        ("somethingelse", "`parley --help`"),
    ],
)
def test_a_word_that_is_no_command(parley, word, hint):
    status, stdout, stderr = parley(word, on_store=False)
    assert (status, stdout) == (64, "")
    assert stderr.startswith(f"There is no command `{word}`: ") and hint in stderr


@pytest.mark.parametrize("words", [["verify"], ["verify", "--repair", "c"], ["trash"], ["trash", "empty"]])
def test_where_there_is_no_store_none_is_made(parley, store, words):
    assert "there is no store" in refusal(parley(*words))
    assert not store.exists()


def test_a_transcript_is_recorded_where_it_is_wanted(parley, tmp_path):
    """Paths of the options count from here, those in the transcript from its own folder."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "golden").mkdir()
    rules = [{"pattern": "*", "reply": "At last.", "delay": 90}]
    (tmp_path / "agents/slow.json").write_text(json.dumps({"rules": rules}))
    agents = {"slow": {"kind": "scripted", "script": "slow.json"}}
    (tmp_path / "agents/parley.json").write_text(json.dumps({"agents": agents, "defaultAgent": "slow"}))
    request = '{"jsonrpc":"2.0","id":1,"method":"agent/execute","params":{"prompt":"hi"}}\n'
    words = ["transcript", "record", "--config", "agents/parley.json", "-o", "golden/slow.transcript"]
    assert parley(*words, input=request, on_store=False) == (0, "", "")
    lines = (tmp_path / "golden/slow.transcript").read_text().splitlines()
    assert lines[0] == "#! config ../agents/parley.json"
    assert [line[:16] for line in lines[1:]] == ['--> {"jsonrpc":"', "#! advance 90s", '<-- {"jsonrpc":"']
    checked = parley("transcript", "check", "golden/slow.transcript", on_store=False)
    assert checked == (0, "1 transcript as written\n", "")


def test_a_transcript_that_would_tell_nothing_is_refused(parley, tmp_path):
    (tmp_path / "empty.transcript").write_text("# nothing\n")
    status, stdout, stderr = parley("transcript", "check", "empty.transcript", on_store=False)
    assert status == 1 and stderr.startswith("empty.transcript:1: Nothing is sent") and "1 of 1" in stdout
    (tmp_path / "rules.json").write_text(json.dumps({"rules": [{"pattern": "*", "reply": "x", "gate": "door"}]}))
    agents = {"held": {"kind": "scripted", "script": "rules.json"}}
    (tmp_path / "slow.json").write_text(json.dumps({"agents": agents, "defaultAgent": "held"}))
    held = '{"jsonrpc":"2.0","id":1,"method":"agent/execute","params":{"prompt":"hi"}}'
    (tmp_path / "half.transcript").write_text(f"#! config slow.json\n--> {held}\n")
    status, stdout, stderr = parley("transcript", "check", "half.transcript", on_store=False)
    assert status == 1 and stderr.startswith("half.transcript:2: the request with the id `1` is never answered")
