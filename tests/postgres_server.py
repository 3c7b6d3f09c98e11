"""A real Postgres for one test run: started on loopback in a folder of its own, by a user who is not root."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))  # not on the PATH there


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where there is no Postgres."""
    found = shutil.which("initdb")
    return _DEBIAN[-1] if _DEBIAN else Path(found).parent if found else None


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server with an empty database; yields its connection string."""
    programs = binaries()
    assert programs is not None
    # Postgres refuses root.
    who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        if who:
            shutil.chown(folder, "nobody", "nogroup")
        data = f"{folder}/data"
        quick = ["--auth=trust", "--username=film", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run([programs / "initdb", *quick, "-D", data], check=True, capture_output=True, cwd=folder, **who)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-t", "60"]
        log = ["-l", f"{folder}/log", "-o", options]
        subprocess.run([*control, *log, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)
        try:
            yield f"postgresql://film@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)
