"""What the binary itself is made of."""

import json
import subprocess

from host import PARLEY


def test_the_host_is_free_of_foundation_s_data():
    """All of Foundation would add 40 MB of ICU and milliseconds to every start; its essentials are the most allowed."""
    binary = PARLEY.read_bytes()
    for mark in [b"FoundationInternationalization", b"_FoundationICU", b"libFoundation.so"]:
        assert mark not in binary


def test_the_contract_has_the_binary_s_version():
    said = subprocess.run([PARLEY, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    contract = subprocess.run([PARLEY, "schema"], capture_output=True, check=True).stdout
    assert json.loads(contract)["info"]["version"] == said
