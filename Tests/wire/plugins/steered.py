"""A program for the tests of plugins and of commands: it does what it is told, and tells the test all that it sees.

    python3 -I -S steered.py MODE SOCKET [OPTIONS]

MODE is `plugin` (a process that stays), `exec` (a command for one turn) or `child` (what these leave behind: it ignores
SIGTERM and waits). SOCKET is where the test listens, see plugin_kit.py; when the test is over the program leaves.
OPTIONS is a JSON object:

    first       steps to take before anything is read
    on          {method: steps} for requests that bring no steps of their own
    initialize  the result of `initialize`
    term        "ignore" SIGTERM, or "tell" of it and leave
    stay        true: don't leave at the end of the input

A prompt that is a JSON array of strings is a list of steps, each a verb of VERBS and perhaps something to go with it. A
request whose steps are done without an answer gets the usual one, so any other prompt is answered "Heard: …".
"""

import json
import os
import signal
import socket
import sys
import threading

DESCRIPTORS = [int(name) for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
MODE, SOCKET = sys.argv[1:3]
OPTIONS = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
CAPABILITIES = ["agent/execute", *sorted({*OPTIONS.get("on", {})} - {"initialize"})]
INITIALIZED = {"name": "steered", "version": "1", "capabilities": CAPABILITIES}


# To the test


def connected():
    link = socket.socket(socket.AF_UNIX)
    link.connect(SOCKET)
    return link, link.makefile("rb")


def exchange(link, answers, **told):
    """Tells the test something, and goes on when it has been heard."""
    link.sendall(json.dumps({**told, "pid": os.getpid()}).encode() + b"\n")
    answer = answers.readline()
    if not answer:
        os._exit(99)  # The test is over.
    return json.loads(answer)


LINK, ANSWERS = connected()
TELLING = threading.RLock()


def tell(**told):
    with TELLING:
        exchange(LINK, ANSWERS, **told)


def tell_of_the_beginning():
    with open("/proc/self/environ", "rb") as file:
        pairs = file.read().decode("utf-8", "surrogateescape").split("\0")[:-1]
    environ = dict(pair.split("=", 1) for pair in pairs)
    tell(began=MODE, group=os.getpgid(0), cwd=os.getcwd(), argv=sys.argv, environ=environ, descriptors=DESCRIPTORS)


def sleep(gate="the end"):
    """Until somebody ends this process, or the test is over."""
    exchange(*connected(), at=gate)
    os._exit(99)


# To the host

WRITING = threading.Lock()


def put(descriptor, data):
    """Writes it all, as far as anybody reads it."""
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError as error:
        tell(refused=error.errno)


def write_line(message):
    with WRITING:
        put(1, json.dumps(message, ensure_ascii=False).encode() + b"\n")


class Task:
    """A request under way. A command's is the only one, and its answer is what it writes."""

    def __init__(self, id, method, params):
        self.id, self.method, self.params = id, method, params
        self.metadata = None
        self.last = None
        self.cancelled = threading.Event()

    def answer(self, **outcome):
        self.last = {"jsonrpc": "2.0", "id": self.id, **outcome}
        write_line(self.last)

    def reply(self, text):
        if MODE == "exec":
            self.last = text
            put(1, text.encode())
        else:
            metadata = {} if self.metadata is None else {"metadata": self.metadata}
            self.answer(result={"response": text, **metadata})

    def delta(self, text, kind=None):
        params = {"executionId": self.params["executionId"], "text": text, **({"kind": kind} if kind else {})}
        write_line({"jsonrpc": "2.0", "method": "agent/delta", "params": params})

    def usual(self):
        if self.method == "initialize":
            self.answer(result=OPTIONS.get("initialize", INITIALIZED))
        else:
            self.reply(f"Heard: {self.params.get('prompt')}")

    def steps(self):
        try:
            steps = json.loads(self.params["prompt"])
        except (KeyError, TypeError, ValueError):
            steps = None
        return steps if isinstance(steps, list) else OPTIONS.get("on", {}).get(self.method, [])

    def carry_out(self, steps):
        steps = list(steps)
        while steps:
            verb, _, rest = steps.pop(0).partition(" ")
            steps[:0] = VERBS[verb](self, rest) or []
        if self.last is None and self.method is not None:
            self.usual()


# What it can be told to do


def gate(task, name):
    """Waits until the test opens the gate; it may say what to do then."""
    return exchange(*connected(), at=name, id=task.id)


def note_metadata(task, text):
    task.metadata = json.loads(text)


def many_deltas(task, numbers):
    count, size = map(int, numbers.split())
    for _ in range(count):
        task.delta("x" * size)


def long_line(task, size):
    with WRITING:
        for _ in range(int(size) >> 16):
            put(1, b"x" * (1 << 16))
        put(1, b"\n")


def flood(descriptor, size):
    for _ in range(int(size) >> 10):
        put(descriptor, b"x" * 1023 + b"\n")


def spawn(task, how):
    """Leaves a child that holds all pipes: in this group, or `apart`."""
    words = [sys.executable, "-I", "-S", sys.argv[0], "child", SOCKET]
    os.posix_spawn(sys.executable, words, {"HOME": os.environ.get("HOME", "")}, setsid=how == "apart")


def kill(task, number):
    os.kill(os.getpid(), int(number))
    sleep()


def close(task, descriptor):
    """The number stays taken, so that no other file gets it."""
    os.dup2(os.open("/dev/null", os.O_RDWR), int(descriptor))


DEAF = threading.Event()

VERBS = {
    "gate": gate,
    "reply": lambda task, text: task.reply(text),
    "answer": lambda task, text: task.answer(result=json.loads(text)),
    "error": lambda task, text: task.answer(error=json.loads(text)),
    "again": lambda task, _: write_line(task.last),
    "metadata": note_metadata,
    "delta": lambda task, text: task.delta(text),
    "thought": lambda task, text: task.delta(text, "thought"),
    "tool": lambda task, text: task.delta(text, "tool"),
    "deltas": many_deltas,
    "much": lambda task, size: task.reply("x" * int(size)),
    "raw": lambda task, text: put(1, text.encode() + b"\n"),
    "bytes": lambda task, hex: put(1, bytes.fromhex(hex)),
    "line": long_line,
    "stderr": lambda task, text: put(2, text.encode() + b"\n"),
    "complain": lambda task, hex: put(2, bytes.fromhex(hex)),
    "flood": lambda task, size: flood(2, size),
    "tell": lambda task, text: tell(said=text),
    "cancelled": lambda task, _: task.cancelled.wait() and None,
    "deaf": lambda task, _: DEAF.set(),
    "close": close,
    "spawn": spawn,
    "sleep": lambda task, _: sleep(),
    "exit": lambda task, status: os._exit(int(status)),
    "kill": kill,
}


# What it is


def read_lines():
    rest = b""
    while not DEAF.is_set() and (data := os.read(0, 1 << 16)):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
    if DEAF.is_set():
        sleep()


def be_plugin():
    tasks = {}
    for line in read_lines():
        message = json.loads(line)
        tell(received=message)
        if "method" not in message:
            continue
        if message["method"] == "$/cancelRequest":
            if message["params"]["id"] in tasks:
                tasks[message["params"]["id"]].cancelled.set()
            continue
        task = tasks[message["id"]] = Task(message["id"], message["method"], message["params"])
        threading.Thread(target=task.carry_out, args=(task.steps(),), daemon=True).start()
    tell(over=True)
    if OPTIONS.get("stay"):
        sleep()


def be_command():
    lines = list(read_lines())
    tell(lines=len(lines), received=json.loads(lines[0]))
    task = Task(None, "agent/execute", json.loads(lines[0]))
    task.carry_out(task.steps())


def on_term(number, frame):
    tell(signal=number)
    os._exit(0)


if MODE == "child" or OPTIONS.get("term") == "ignore":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
elif OPTIONS.get("term") == "tell":
    signal.signal(signal.SIGTERM, on_term)
tell_of_the_beginning()
# Whatever it waits for, and whatever becomes of the host: it leaves when the test is over.
threading.Thread(target=sleep, args=("the test's end",), daemon=True).start()
Task(None, None, {}).carry_out(OPTIONS.get("first", []))
{"plugin": be_plugin, "exec": be_command, "child": sleep}[MODE]()
os._exit(0)
