"""Certificates that nobody but a test trusts."""

import subprocess


def certificate(folder, name="server", hosts=("DNS:localhost", "IP:127.0.0.1"), days=1):
    """A certificate that signs itself, and its key: their paths."""
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-subj", f"/CN={name}", "-addext", f"subjectAltName={','.join(hosts)}", "-days", str(days)]
        + ["-out", str(paths[0]), "-keyout", str(paths[1])],
        check=True,
        capture_output=True,
    )
    return paths
