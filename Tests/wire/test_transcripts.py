"""The golden transcripts: that they hold, that they are within the contract, and that together they show all of it.

To rewrite what is received in them: UPDATE_TRANSCRIPTS=1. That run fails if anything changed, so that it is reviewed.
"""

import collections
import functools
import itertools
import os
import resource
import shutil
import subprocess
import threading

import contract
import pytest
from host import PARLEY, PATIENCE, ROOT, command, environment
from messages import Asked, WireError, name

FOLDERS = [ROOT / "Tests" / "transcripts", ROOT / "examples" / "transcripts", ROOT / "examples" / "insight"]
FILES = sorted(file for folder in FOLDERS for file in folder.glob("*.transcript"))
UPDATES = os.environ.get("UPDATE_TRANSCRIPTS", "") not in ("", "0")

# Their stores hold what only a newer version writes.
OF_NEWER_VERSIONS = {"newer.transcript"}

# What no transcript shows, for each method (or all of them): why, and where it is tested instead, None for nowhere. A
# line that is no request of a method that there is has the method None; a success has the kind None.
ALL = "all methods"
ELSEWHERE = {
    (ALL, "internalError"): ("no input makes a fault of ours", None),
    (ALL, "overloaded"): (
        "it needs 1,000 turns that wait, or as many conversations in use as there may be descriptors",
        "Tests/wire/test_turns.py::test_a_thousand_turns_wait_and_the_next_is_refused",
    ),
    (ALL, "resultTooLarge"): (
        "it needs 64 MiB",
        "Tests/wire/test_sizes.py::test_an_answer_past_the_longest_line_is_refused_and_the_way_named",
    ),
    ("rpc.discover", None): (
        "a document of its own that each change of a method would change",
        "Tests/wire/test_methods.py::test_the_document_is_the_published_one",
    ),
    ("turn/cancel", "cancelled"): (
        "it passes what waits, and is done at once unless another process holds the file just then",
        None,
    ),
    **{
        (method, "storeFailed"): (
            "the folder itself must become unreadable while the host runs",
            "Tests/wire/test_transcripts.py::test_a_store_whose_folders_cannot_be_read",
        )
        for method in ("conversation/list", "store/info", "store/verify")
    },
    **{
        (method, "turnInProgress"): (
            "this host's own turns are cancelled; only another process's is in the way",
            "Tests/wire/test_shared_turns.py::test_a_turn_of_another_process_is_in_progress",
        )
        for method in ("conversation/update", "conversation/end", "conversation/delete")
    },
    (None, "lineTooLong"): (
        "it needs 64 MiB",
        "Tests/wire/test_sizes.py::test_the_longest_line_is_served_and_one_byte_more_is_not",
    ),
    (None, "tooComplex"): (
        "it needs tens of MiB",
        "Tests/wire/test_sizes.py::test_a_line_of_countless_little_objects_is_too_complex",
    ),
    (None, "tooDeep"): ("nobody reads 2,049 brackets", "Tests/wire/test_sizes.py::test_too_deep"),
}


class Transcript:
    """What a file says, as far as the tests need it."""

    def __init__(self, file):
        self.file = file
        self.scene = collections.defaultdict(str)  # what follows each directive that may be there once
        self.sent, self.received = [], []
        self.moves = set()  # the directives that do something amid the lines
        for line in file.read_bytes().split(b"\n"):
            if line.startswith(b"#!"):
                directive, _, rest = line[2:].decode().strip().partition(" ")
                if directive in ("config", "store", "options"):
                    self.scene[directive] = rest.strip()
                else:
                    self.moves.add(directive)
            elif line[:3] in (b"-->", b"<--"):
                (self.sent if line.startswith(b"--") else self.received).append(line[4:])

    @functools.cached_property
    def requests(self):
        """Whatever asks for an answer in a way that can be told, by its id."""
        found = {}
        for text in self.sent:
            try:
                message = contract.parse(text)
            except (ValueError, AssertionError):
                continue
            for member in message if isinstance(message, list) else [message]:
                if isinstance(member, dict) and member.get("id") is not None and "method" in member:
                    assert name(member["id"]) not in found, f"{self.file.name} has two requests {name(member['id'])}"
                    found[name(member["id"])] = member
        return found

    @functools.cached_property
    def answers(self):
        """Each answer, with its request, or None where that can't be told."""
        parsed = [contract.parse(text) for text in self.received]
        lines = [message for message in parsed if not contract.is_notification(message)]
        flat = [answer for line in lines for answer in (line if isinstance(line, list) else [line])]
        return [(self.requests.get(name(answer["id"])), answer) for answer in flat]


@functools.cache
def read(file):
    return Transcript(file)


def everything():
    """All answers of all transcripts, with their requests."""
    return [pair for file in FILES for pair in read(file).answers]


def check(folder, *words):
    """`parley transcript check` on all of them, from another folder: the status and what it says."""
    done = subprocess.run(
        [str(PARLEY), "transcript", "check", *words, *(os.path.relpath(file, folder) for file in FILES)],
        capture_output=True,
        timeout=PATIENCE,
        env={**environment(folder), "TMPDIR": str(folder)},
        cwd=folder,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def test_there_are_transcripts():
    assert len(FILES) > 30


def test_the_examples_are_told_of():
    for file in FILES:
        page = file.parent / "README.md"
        assert not page.exists() or f"]({file.name})" in page.read_text(), file


def test_they_hold_again_and_again_and_leave_nothing(tmp_path):
    if UPDATES:
        status, said = check(tmp_path, "--update")
        read.cache_clear()
        assert status == 0, f"review what has changed:\n{said}"
    for _ in range(2):
        status, said = check(tmp_path)
        assert status == 0, said
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_received_is_within_the_contract(file):
    """And what is sent is within it wherever it is carried out."""
    transcript = read(file)
    asked = Asked(strict=file.name not in OF_NEWER_VERSIONS)
    for text in transcript.sent:
        asked.note(text + b"\n")
    for text in transcript.received:
        asked.check(contract.parse(text), len(text))
    for request, answer in transcript.answers:
        if request is not None and "result" in answer:
            contract.check("urn:rpc#/components/schemas/Request", request, "a request that is carried out")
            assert contract.params_fit(request["method"], request.get("params")), request


def kind_of(answer):
    return answer["error"]["data"]["kind"] if "error" in answer else None


def shown():
    """Each method with each kind of error that it gives somewhere, and with None where it succeeds."""
    of_lines = {error["$ref"].split("/")[-1] for error in contract.DOCUMENT["x-errors"]}
    for request, answer in everything():
        kind = kind_of(answer)
        yield None if kind in of_lines else request and request["method"], kind


def declared():
    for method in contract.REQUESTS:
        yield method, None
        for error in contract.METHODS[method]["errors"]:
            yield method, error["$ref"].split("/")[-1]
    for error in contract.DOCUMENT["x-errors"]:
        yield None, error["$ref"].split("/")[-1]


def test_all_that_methods_promise_is_shown():
    missing = set(declared()) - set(shown())
    left = [(method, kind) for method, kind in missing if {(method, kind), (ALL, kind)}.isdisjoint(ELSEWHERE)]
    assert sorted(left, key=str) == []


def test_nothing_is_said_to_be_elsewhere_that_is_here():
    covered = set(shown()) | {(ALL, kind) for _, kind in shown()}
    assert covered & set(ELSEWHERE) == set()
    promised = set(declared()) | {(ALL, kind) for _, kind in declared()}
    assert set(ELSEWHERE) - promised == set(), "nobody promises that"


def test_what_is_elsewhere_is_there():
    for place in {place for _, place in ELSEWHERE.values() if place is not None}:
        file, _, test = place.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text(), place


def turn_ends():
    """The end of each turn that is told anywhere: completed, or as `turns` and events have it."""
    for _, answer in everything():
        result = answer.get("result", {})
        if "reply" in result:
            yield {"outcome": "completed"}
        for end in itertools.chain(result.get("turns", []), result.get("events", []) if "seq" in result else []):
            if "outcome" in end:
                yield end


def test_turns_end_in_every_way():
    schema = contract.DOCUMENT["components"]["schemas"]["TurnEnd"]
    assert {end["outcome"] for end in turn_ends()} == {"completed", *schema["properties"]["outcome"]["enum"]}
    errors = [end["error"]["data"] for end in turn_ends() if "error" in end]
    assert {data["kind"] for data in errors} == {"agentFailed", "agentTimeout", "agentUnavailable"}
    assert {data["limit"] for data in errors if "limit" in data} >= {"firstToken", "total"}


def test_events_of_every_type_are_shown():
    known = {branch["$ref"].split("/")[-1] for branch in contract.EVENTS["oneOf"]} - {"unknown"}
    types = {
        event["type"]
        for request, answer in everything()
        if request is not None and request["method"] == "conversation/events"
        for event in answer.get("result", {}).get("events", [])
    }
    assert known <= types
    assert types - known, "none is of a type that only a newer version knows"


def test_every_notification_is_shown():
    parsed = [contract.parse(text) for file in FILES for text in read(file).received]
    sent = {message["method"] for message in parsed if contract.is_notification(message)}
    assert sent == set(contract.NOTIFICATIONS)


# The same over pipes. What waits for a directive would wait forever there.
PIPED = [file for file in FILES if not read(file).moves & {"advance", "release"}]


def piped(transcript, folder, pieces):
    """What a host says to the transcript's lines, sent in pieces of these lengths, over and over."""
    store = folder / "store"
    if transcript.scene["store"]:
        shutil.copytree(transcript.file.parent / transcript.scene["store"], store)
    words = command(store, "--deterministic", *transcript.scene["options"].split(), config=transcript.scene["config"])
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(folder),
        cwd=transcript.file.parent,
        bufsize=0,
    )
    output = []
    reader = threading.Thread(target=lambda: output.append(process.stdout.read()), daemon=True)
    reader.start()
    try:
        rest = b"".join(text + b"\n" for text in transcript.sent)
        for length in itertools.cycle(pieces):
            if not rest:
                break
            written = process.stdin.write(rest[:length])
            rest = rest[written:]
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        reader.join(PATIENCE)
    finally:
        process.kill()
        process.wait()
        reader.join(PATIENCE)
        process.stdin.close()
        process.stdout.close()
    return output[0]


@pytest.mark.damages_files
@pytest.mark.parametrize("pieces", [[1 << 20], [1, 97, 2, 641, 13]], ids=["whole", "cut"])
@pytest.mark.parametrize("file", PIPED, ids=lambda file: file.stem)
def test_over_pipes_the_same_comes_out(file, pieces, tmp_path):
    transcript = read(file)
    expected = [text.decode("utf-8", "replace") for text in transcript.received]
    said = piped(transcript, tmp_path, pieces)
    assert said.decode("utf-8", "replace").split("\n") == [*expected, ""]
    assert said == b"".join(text + b"\n" for text in transcript.received)
    if not transcript.scene["store"]:
        for left in [*tmp_path.glob("store/conversations/*.jsonl"), *tmp_path.glob("store/trash/*.jsonl")]:
            contract.check_file(left)


def test_most_transcripts_are_piped():
    assert len(PIPED) > len(FILES) / 2


def test_a_store_whose_folders_cannot_be_read(host):
    """Which needs a descriptor, and here there are none left."""
    host.start(conversationId="c")
    soft, hard = resource.prlimit(host.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(host.pid, resource.RLIMIT_NOFILE, (3, hard))
    for method in ("conversation/list", "store/info", "store/verify"):
        with pytest.raises(WireError) as caught:
            host.request(method)
        assert (caught.value.code, caught.value.kind, caught.value.data["retryable"]) == (1030, "storeFailed", True)
    resource.prlimit(host.pid, resource.RLIMIT_NOFILE, (soft, hard))
    assert host.request("store/info")["conversations"] == 1
