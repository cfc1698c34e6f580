"""Looking at the processes of this machine: what a host has started, and whether it is gone."""

from pathlib import Path

from plugin_kit import until


def _rows():
    """(pid, state, parent, group) of every process."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        # The name, in parentheses, may hold anything.
        state, parent, group = text[text.rindex(")") + 2 :].split()[:3]
        yield int(path.parent.name), state, int(parent), int(group)


def alive_in(groups):
    """The processes of these groups that still run."""
    return [pid for pid, state, _, group in _rows() if group in groups and state not in "ZX"]


def children_of(parent):
    return {pid for pid, state, whose, _ in _rows() if whose == parent and state not in "ZX"}


def alive_among(pids):
    return [pid for pid, state, _, _ in _rows() if pid in pids and state not in "ZX"]


def zombies_of(parent):
    return [pid for pid, state, whose, _ in _rows() if whose == parent and state == "Z"]


def groups_of(stage):
    """The process groups of all programs that reported to the stage."""
    return {told["group"] for told in stage.all("began")}


def wait_until_gone(stage):
    """Nothing is left of the groups that were told of so far."""
    groups = groups_of(stage)
    assert groups, "no program has begun"
    until(lambda: not alive_in(groups), f"the end of {alive_in(groups)} in the groups {groups}")


def wait_until_reaped(host):
    until(lambda: not zombies_of(host.pid), f"the host to reap {zombies_of(host.pid)}")


def descriptors_of(host):
    """How many the host has open."""
    return len(list(Path(f"/proc/{host.pid}/fd").iterdir()))
