"""A configuration with a fault is refused at the start, in one line that says where the fault is."""

import json
import subprocess

import pytest
from host import PARLEY, PATIENCE, Host, command, environment


def refused(store, config, *options):
    """The line on stderr that serving with this configuration ends with, at once and without a word on stdout."""
    done = subprocess.run(
        command(store, *options, config=config),
        input=b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
        capture_output=True,
        timeout=PATIENCE,
        env=environment(store.parent),
    )
    assert (done.returncode, done.stdout) == (2, b""), done.stderr.decode()
    stderr = done.stderr.decode()
    assert stderr.count("\n") == 1 and str(config) in stderr
    return stderr


FAULTS = [
    ({"agnets": {}}, ["agnets", "`agents`"]),
    ({"agents": {"demo": {"kind": "echo", "nmae": "x"}}}, ["demo", "nmae", "`name`"]),
    ({"agents": {"demo": {"kind": "ehco"}}}, ["demo", "kind", "ehco", "echo"]),
    ({"agents": {"demo": {}}}, ["demo", "kind"]),
    ({"agents": {"demo": {"kind": "echo", "script": "x"}}}, ["demo", "script"]),
    ({"agents": {"demo": {"kind": "scripted"}}}, ["demo", "script"]),
    ({"agents": {"demo": {"kind": "echo", "concurrency": 0}}}, ["demo", "concurrency"]),
    ({"agents": {"demo": {"kind": "echo", "concurrency": 1.5}}}, ["demo", "concurrency"]),
    ({"agents": {"demo": {"kind": "echo", "timeouts": {"total": 0}}}}, ["demo", "timeouts", "total"]),
    ({"agents": {"demo": {"kind": "echo", "timeouts": {"totl": 1}}}}, ["demo", "timeouts", "totl", "`total`"]),
    ({"agents": {"": {"kind": "echo"}}}, ["agents"]),
    ({"agents": []}, ["agents"]),
    ({"defaultAgent": "nobody"}, ["defaultAgent", "nobody"]),
    ({"userId": 1}, ["userId"]),
    ([], []),
]


@pytest.mark.parametrize(("faulty", "said"), FAULTS, ids=lambda value: json.dumps(value)[:60])
def test_a_faulty_configuration(store, tmp_path, faulty, said):
    config = tmp_path / "parley.json"
    config.write_text(json.dumps(faulty))
    stderr = refused(store, config)
    for word in said:
        assert word in stderr


@pytest.mark.parametrize("text", ['{"agents":', "", "{} {}", '{"userId":"a","userId":"b"}', "\xff"])
def test_a_configuration_that_is_no_json(store, tmp_path, text):
    config = tmp_path / "parley.json"
    config.write_bytes(text.encode("latin-1"))
    refused(store, config)


def test_a_configuration_that_is_not_there(store, tmp_path):
    refused(store, tmp_path / "missing.json")
    refused(store, tmp_path)


SCRIPT_FAULTS = [
    ([{"pattern": "*", "replay": "x"}], ["replay", "`reply`"]),
    ([{"pattern": "*"}], ["reply"]),
    ([{"reply": "x"}], ["pattern"]),
    ([{"pattern": "*", "reply": "x", "failure": {"kind": "failed", "message": "m"}}], ["failure"]),
    ([{"pattern": "*", "failure": {"kind": "fialed", "message": "m"}}], ["fialed"]),
    ([{"pattern": "*", "reply": "x", "delay": -1}], ["delay"]),
    ([{"pattern": "a", "reply": "x"}, {"pattern": "*", "reply": 1}], ["1", "reply"]),
]


@pytest.mark.parametrize(("rules", "said"), SCRIPT_FAULTS, ids=lambda value: json.dumps(value)[:60])
def test_a_faulty_script(store, tmp_path, configured, rules, said):
    """The line names the script, which is where the fault is."""
    configured(rules)
    done = subprocess.run(
        command(store, config=tmp_path / "parley.json"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        env=environment(tmp_path),
    )
    stderr = done.stderr.decode()
    assert (done.returncode, done.stdout, stderr.count("\n")) == (2, b"", 1)
    for word in ["demo.json", *said]:
        assert word in stderr


def test_commands_refuse_it_too(tmp_path, store):
    (tmp_path / "bad.json").write_text("{")
    for words in (["call", "ping"], ["send", "--new", "x"]):
        done = subprocess.run(
            [str(PARLEY), *words, "--store", str(store), "--config", "bad.json"],
            capture_output=True,
            timeout=PATIENCE,
            env=environment(tmp_path),
            cwd=tmp_path,
        )
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
        assert b"bad.json" in done.stderr


def test_where_the_configuration_is(store, configured, tmp_path):
    """Named, else in the environment, else in the home folder; relative paths in it start at its own folder."""
    config = configured()
    usual = tmp_path / ".config" / "parley"
    usual.mkdir(parents=True)
    for path, options in [(config, {"config": config}), (usual / "parley.json", {})]:
        with Host(store, **options) as host:
            assert host.request("initialize").get("configPath") == (str(path) if path.exists() else None)
        if path == config:
            (usual / "demo.json").write_bytes((tmp_path / "demo.json").read_bytes())
            (usual / "parley.json").write_bytes(config.read_bytes())
    (usual / "parley.json").write_text("{")
    done = subprocess.run(
        command(store),
        input=b'{"jsonrpc":"2.0","id":1,"method":"agent/execute","params":{"prompt":"a"}}\n',
        capture_output=True,
        timeout=PATIENCE,
        env={**environment(tmp_path), "PARLEY_CONFIG": str(config)},
    )
    assert b'"response":"Heard: a"' in done.stdout
