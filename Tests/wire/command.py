"""`parley` with other words than those of a host: one run, all of its output."""

import collections
import subprocess
from pathlib import Path

from host import PARLEY, PATIENCE, environment

Done = collections.namedtuple("Done", "status stdout stderr")


def parley(store, *words, input=b""):
    """One run on a store: status, stdout and stderr."""
    done = subprocess.run(
        [str(PARLEY), *words, "--store", str(store)],
        input=input,
        capture_output=True,
        timeout=PATIENCE,
        env=environment(Path(store).parent),
        cwd=Path(store).parent,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
