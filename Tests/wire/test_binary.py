"""What the binary itself is made of."""

from host import PARLEY


def test_the_host_is_free_of_foundation_s_data():
    """All of Foundation would add 40 MB of ICU and milliseconds to every start; its essentials are the most allowed."""
    binary = PARLEY.read_bytes()
    for mark in [b"FoundationInternationalization", b"_FoundationICU", b"libFoundation.so"]:
        assert mark not in binary
