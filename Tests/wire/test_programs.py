"""How an agent's program is found, what it is handed, where it runs, and where its words for people go.

All of it holds for plugins and for commands alike.
"""

import os
import shutil

import pytest
from messages import WireError
from plugin_kit import PYTHON, STEERED, do, serve, stage  # noqa: F401

HANDED_DOWN = {
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER",
}  # fmt: skip

INFO = ("--log-level", "info")

both = pytest.mark.parametrize("kind", ["plugin", "exec"])


def entry(stage, kind, **members):
    return stage.plugin(**members) if kind == "plugin" else stage.exec(**members)


def refused(host):
    """The error of a turn whose agent's program can't be started; the host goes on."""
    with pytest.raises(WireError) as caught:
        host.send("c", "a")
    assert (caught.value.kind, caught.value.data["agentId"]) == ("agentUnavailable", "steered")
    (turn,) = host.history("c")["turns"]
    assert (turn["outcome"], turn["error"]["data"]["kind"]) == ("failed", "agentUnavailable")
    assert host.request("agent/execute", {"agentId": "echo", "prompt": "b"})["response"] == "You said: b"
    return caught.value


# Its environment


@pytest.fixture
def surroundings(monkeypatch, store):
    """The host's own environment: all that may be handed down, and more."""
    variables = {name: f"/value of {name}" for name in HANDED_DOWN}
    variables |= {"HOME": str(store.parent), "PATH": os.environ["PATH"], "API_KEY": "k3y é =", "SECRET": "5ecret"}
    variables |= {"LC_MESSAGES": "x", "LD_LIBRARY_PATH": "/nowhere", "PARLEY_HOME": "/nowhere", "EMPTY": ""}
    monkeypatch.setattr("host.environment", lambda home: variables)
    return variables


@both
def test_it_gets_what_is_named_and_little_else(stage, serve, surroundings, kind):
    host = serve(entry(stage, kind, environment=["API_KEY", "EMPTY"]))
    host.send("c", "a")
    expected = {name: surroundings[name] for name in HANDED_DOWN | {"API_KEY", "EMPTY"}}
    assert stage.began(mode=kind)["environ"] == expected
    assert "API_KEY" not in host.stderr and "k3y" not in host.stderr


@both
def test_without_names_it_gets_no_secrets(stage, serve, surroundings, kind):
    host = serve(entry(stage, kind))
    host.send("c", "a")
    assert stage.began(mode=kind)["environ"] == {name: surroundings[name] for name in HANDED_DOWN}


@both
def test_a_variable_that_is_not_set_is_missed_in_the_log(stage, serve, kind):
    host = serve(entry(stage, kind, environment=["API_KEY"]))
    host.send("c", "a")
    assert "API_KEY" not in stage.began(mode=kind)["environ"]
    assert "steered" in host.wait_in_log("API_KEY")


# Where it runs, and how it is found


@both
def test_it_runs_in_the_folder_of_the_config(stage, serve, tmp_path, kind):
    host = serve(entry(stage, kind))
    host.send("c", "a")
    assert stage.began(mode=kind)["cwd"] == str(tmp_path / "config1") != str(host.store.parent)


def write_program(path, stage, kind):
    """A program under a name of its own."""
    words = " ".join([*PYTHON, str(STEERED), kind, str(stage.path)])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexec {words}\n")
    path.chmod(0o755)


@both
@pytest.mark.parametrize("word", ["./agent.sh", "bin/agent.sh", "../beside/agent.sh"])
def test_a_word_with_a_slash_counts_from_the_configs_folder(stage, serve, tmp_path, kind, word):
    (tmp_path / "config1").mkdir()
    write_program(tmp_path / "config1" / word, stage, kind)
    host = serve({"kind": kind, "command": [word]})
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


@both
def test_an_absolute_word(stage, serve, tmp_path, kind):
    write_program(tmp_path / "agent.sh", stage, kind)
    host = serve({"kind": kind, "command": [str(tmp_path / "agent.sh")]})
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


@pytest.fixture
def path(monkeypatch, tmp_path):
    """A folder that is in the host's PATH, behind one where there is nothing that can be run."""
    folders = [tmp_path / "useless", tmp_path / "programs"]
    for folder in folders:
        folder.mkdir()
    found = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
    monkeypatch.setattr("host.environment", lambda home: {"HOME": str(home), "PATH": found})
    return folders


@both
def test_a_plain_word_is_looked_for_in_the_path(stage, serve, path, kind):
    useless, programs = path
    (useless / "my-agent").write_text("no program")
    write_program(programs / "my-agent", stage, kind)
    host = serve({"kind": kind, "command": ["my-agent"]})
    assert host.send("c", "a")["reply"]["content"] == "Heard: a"


@both
def test_a_plain_word_is_not_looked_for_in_the_folder(stage, serve, tmp_path, kind):
    (tmp_path / "config1").mkdir()
    write_program(tmp_path / "config1" / "my-agent", stage, kind)
    error = refused(serve({"kind": kind, "command": ["my-agent"]}))
    assert "my-agent" in error.message
    assert stage.all("began") == []


@both
def test_its_arguments_are_given_as_they_are(stage, serve, kind):
    """No shell looks at them."""
    words = ["", "a b", "$HOME", "*", "ü'\"\\", "-n"]
    agent = entry(stage, kind)
    agent["command"] += ["{}", *words]
    host = serve(agent)
    host.send("c", "a")
    assert stage.began(mode=kind)["argv"][4:] == words


MISSING = {
    "no such file": lambda folder: None,
    "not to be run": lambda folder: (folder / "agent").write_text("#!/bin/sh\necho a\n"),
    "a folder": lambda folder: (folder / "agent").mkdir(),
    "no program": lambda folder: ((folder / "agent").write_bytes(b"\x7fELF\0\0"), (folder / "agent").chmod(0o755)),
    "nobody to run it": lambda folder: ((folder / "agent").write_text("#!/no/such/shell\n"), (folder / "agent").chmod(0o755)),
}


@both
@pytest.mark.parametrize("make", MISSING.values(), ids=MISSING)
def test_a_program_that_cannot_be_started(serve, stage, tmp_path, kind, make):
    """It is looked for at each turn, so what was missing may come."""
    folder = tmp_path / "config1"
    folder.mkdir()
    make(folder)
    host = serve({"kind": kind, "command": ["./agent"]})
    error = refused(host)
    assert "agent" in error.message
    path = folder / "agent"
    if path.is_dir():
        shutil.rmtree(path)
    write_program(path, stage, kind)
    assert host.send("c", "b")["reply"]["content"] == "Heard: b"


@both
def test_a_folder_of_the_config_that_is_gone(serve, stage, tmp_path, kind):
    host = serve(entry(stage, kind))
    shutil.rmtree(tmp_path / "config1")
    refused(host)


# Its words for people


@both
def test_its_stderr_goes_to_the_log_line_by_line(stage, serve, kind):
    host = serve(entry(stage, kind), *INFO)
    host.send("c", do("stderr first words", "stderr second wörds\nthird words", "reply a"))
    for words in ("first words", "second wörds", "third words"):
        assert "steered" in host.wait_in_log(words)


@both
def test_what_is_left_of_a_line_goes_there_too(stage, serve, kind):
    """Of a program that ends within a line, and of lines that are no text."""
    host = serve(entry(stage, kind), *INFO)
    host.begin_send("c", do("complain 61ff6266300a", "complain 68616c66", "exit 1"))
    assert "steered" in host.wait_in_log("a\ufffdbf0")
    assert "steered" in host.wait_in_log("half")


@both
@pytest.mark.parametrize("options", [(), INFO], ids=["warning", "info"])
def test_a_flood_of_words_stops_nothing(stage, serve, kind, options):
    """Ten megabytes, and one line of them without an end: the turn goes on, and the host's memory stays what it is."""
    host = serve(entry(stage, kind), *options)
    before = host.peak_memory()
    assert host.send("c", do("flood 10485760", "reply a"))["reply"]["content"] == "a"
    assert host.peak_memory() - before < 32 << 20
