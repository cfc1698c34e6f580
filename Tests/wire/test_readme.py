"""Everything that the README tells a newcomer to type is typed here, in its order, in one shell."""

import json
import os
import pathlib
import re
import subprocess

from host import PARLEY

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language, page=README):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [body for name, body in found if name == language]


def shell(script, tmp_path, cwd=ROOT):
    """Runs with only what a newcomer's shell has; `parley` is the binary that is tested."""
    bin = tmp_path / "bin"
    bin.mkdir(exist_ok=True)
    (bin / "parley").unlink(missing_ok=True)
    (bin / "parley").symlink_to(PARLEY)
    environment = {"HOME": str(tmp_path), "PATH": f"{bin}:{os.environ['PATH']}", "PARLEY_HOME": str(tmp_path / "store")}
    return subprocess.run(
        ["sh", "-euc", script], env=environment, cwd=cwd, capture_output=True, text=True, timeout=60, check=True,
        stdin=subprocess.DEVNULL,
    ).stdout  # fmt: skip


def typed():
    """What is typed into a shell, without the two commands that build, which run this test."""
    return [block for block in blocks("sh") if "make " not in block and "export PATH" not in block]


def test_the_three_requests_and_the_file(tmp_path):
    requests, look_at_file = typed()[:2]
    answers = shell(requests, tmp_path).splitlines()
    assert len(answers) == 3
    assert '"content":"You said: Hello"' in answers[2]
    shown = [block for block in blocks("") if block.startswith("[0,")]
    assert [shell(look_at_file, tmp_path)] == shown


def test_the_terminal_and_python(tmp_path):
    requests, _, terminal, _, transcripts, _ = typed()
    assert shell(transcripts, tmp_path) == "3 transcripts as written\n"
    shell(requests, tmp_path)
    out = shell(terminal, tmp_path)
    for expected in [
        "You said: What can you do?\n",
        "You said: Tell me more\n",
        "assistant: You said: Hello\n",
        "\n> You said: Hello\n",
        "2 conversations, 13 events: all good\n",
    ]:
        assert expected in out
    assert '"openrpc"' in out
    (python,) = blocks("python")
    out = shell(f"cat >client.py <<'END'\n{python}END\npython3 client.py; rm client.py", tmp_path)
    assert out.startswith("['conv_") and "'first'" in out


def test_what_it_finds_out(tmp_path):
    requests, _, _, preview, _, _ = typed()
    shell(requests, tmp_path)
    told = json.loads(shell(preview, tmp_path))
    (shown,) = [json.loads(block) for block in blocks("") if block.startswith('{"conversation_id"')]
    # Whoever types it is another.
    assert shown.pop("user_id") == "you" and told.pop("user_id")
    assert told == shown and list(told) == list(shown)


def test_a_script_as_an_agent(tmp_path):
    *_, agents = typed()
    out = shell(agents, tmp_path)
    assert re.search(r"^shout +exec +default +ok$", out, re.MULTILINE)
    assert "agents.claude: The environment variable `ANTHROPIC_API_KEY` is not set.\n" in out
    (shown,) = [block for block in blocks("") if block.startswith("IS ANYBODY")]
    assert out.endswith(shown)


def test_the_examples_of_plugins(tmp_path):
    """Both blocks that are typed, and what is printed below each."""
    page = (ROOT / "examples/plugins/README.md").read_text(encoding="utf-8")
    typed_there, printed = blocks("sh", page), blocks("", page)
    assert len(typed_there) == len(printed) == 2
    for script, expected in zip(typed_there, printed):
        assert shell(script, tmp_path, ROOT / "examples/plugins") == expected


def test_the_examples_of_insight(tmp_path):
    (check,) = blocks("sh", (ROOT / "examples/insight/README.md").read_text(encoding="utf-8"))
    assert shell(check, tmp_path, ROOT / "examples/insight") == "3 transcripts as written\n"


def test_the_commands_that_build_are_the_makefile_s():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"^make ([a-z]+)", "".join(blocks("sh")), re.MULTILINE)
    assert named == ["demo", "test"]
    assert set(named) <= set(targets)


def test_the_demonstration(tmp_path):
    out = shell("PARLEY=parley examples/demo.sh", tmp_path)
    assert "conversation demo is ended, at seq 12" in out
    assert out.endswith("You wrote “Thank you!”. Could you say a little more?\n")


def test_five_minutes_with_transcripts(tmp_path):
    page = (ROOT / "examples/transcripts/README.md").read_text(encoding="utf-8")
    record, check, session, everything = blocks("sh", page)
    work = tmp_path / "work"
    work.mkdir()
    shell(record, tmp_path, work)
    assert shell(check, tmp_path, work) == "1 transcript as written\n"
    shell(session, tmp_path, work)
    assert shell(everything, tmp_path, work) == "2 transcripts as written\n"
    greeting = work / "greeting.transcript"
    greeting.write_text(greeting.read_text().replace("You said: Hi", "You said: Hello"))
    told = shell(f"{check.strip()} || true", tmp_path, work)
    (shown,) = [block for block in blocks("", page) if "greeting.transcript" in block]
    for line in shown.splitlines():
        assert line == "…" or line + "\n" in told


def test_links_lead_somewhere():
    pages = ["README.md", "CONTRIBUTING.md", "docs/*.md", "Benchmarks/README.md", "examples/*/README.md"]
    for page in [found for pattern in pages for found in ROOT.glob(pattern)]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
