"""What the binary itself is made of."""

import json
import struct
import subprocess

from host import PARLEY


def imported(path):
    """The names of what an ELF file of 64 bits takes from shared libraries: the undefined symbols in .dynsym."""
    data = path.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01", "this is no ELF file of 64 bits, little-endian"
    (sections_at,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    # Of each: type, offset, length, link to the section with the names, length of an entry.
    sections = [struct.unpack_from("<4xI16xQQI12xQ", data, sections_at + size * number) for number in range(count)]
    for kind, offset, length, link, entry in sections:
        if kind != 11:  # SHT_DYNSYM
            continue
        names = sections[link][1]
        for at in range(offset + entry, offset + length, entry):
            name, section = struct.unpack_from("<IxxH", data, at)
            if section == 0:  # SHN_UNDEF
                yield data[names + name : data.index(b"\0", names + name)].decode()


def test_what_is_written_is_written_by_the_host_itself():
    """The library's writer differs from version to version; its parser is what it is for."""
    names = set(imported(PARLEY))
    assert "json_loadb" in names or "json_load_callback" in names, "the parser should be there"
    assert [name for name in names if name.startswith("json_dump")] == []


def test_the_host_is_free_of_foundation_s_data():
    """All of Foundation would add 40 MB of ICU and milliseconds to every start; its essentials are the most allowed."""
    binary = PARLEY.read_bytes()
    for mark in [b"FoundationInternationalization", b"_FoundationICU", b"libFoundation.so"]:
        assert mark not in binary


def test_the_contract_has_the_binary_s_version():
    said = subprocess.run([PARLEY, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    contract = subprocess.run([PARLEY, "schema"], capture_output=True, check=True).stdout
    assert json.loads(contract)["info"]["version"] == said
