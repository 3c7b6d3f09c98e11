"""Write files and folders so that a reader, or the next start after a crash, sees all of one or none of it."""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from reelgraph.video_tools.errors import InvalidRequest

# A disk, a quota or a file's most bytes: errors of writing alone, never of what is read.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Replace a file's text in one step, durably.

    Raises:
        InvalidRequest: The folder cannot be written.
    """
    with staged_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it takes its place in one step, on failure it is removed.

    Raises:
        InvalidRequest: The folder cannot be written, or is full.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".tmp-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with _explained(path, FULL):
            yield temporary
        with _explained(path):
            temporary.chmod(0o644)
            _sync(temporary)
            os.replace(temporary, path)
            _sync(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def staged_folder(beside: Path) -> Iterator[Path]:
    """Give a temporary folder inside `beside` to fill; it is removed at the end unless it was published.

    Raises:
        InvalidRequest: The folder cannot be written, or is full.
    """
    with _explained(beside):
        beside.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".tmp-", dir=beside))
    try:
        with _explained(beside, FULL):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish_folder(folder: Path, destination: Path) -> bool:
    """Give a filled folder its name in one rename, durably.

    Returns:
        False when the destination is there already; the folder is then left as it is.

    Raises:
        InvalidRequest: Its place cannot be written, or is full.
    """
    with _explained(destination):
        for path in folder.iterdir():
            _sync(path)
        folder.chmod(0o755)
        destination.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(folder, destination)
        except OSError:
            if destination.exists():  # somebody published the same key meanwhile: theirs stands
                return False
            raise
        _sync(destination.parent)
    return True


def sweep(root: Path) -> int:
    """Remove what a crash left half-written in a project; only for whoever holds the writer's lock.

    Where a link leads out of the project, nothing is removed: what lies there is not the project's.

    Returns:
        How many files and folders it removed.
    """
    # Never inside a published take, and not in jobs/ and exports/, which are written while others hold the lock.
    places = ("", "takes/", "attempts/", "files/", "inbox/", "films/**/", "memory/**/", "render/**/")
    found, real = [path for place in places for path in root.glob(f"{place}.tmp-*")], root.resolve()
    left = [path for path in found if path.parent.resolve().is_relative_to(real)]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def _sync(path: Path) -> None:
    with contextlib.suppress(PermissionError):  # Windows cannot open a folder for fsync
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _explained(path: Path, only: Container[int | None] | None = None) -> Iterator[None]:
    """Say in our words what hinders writing; of errors that may be of what is read, only those that cannot be."""
    try:
        yield
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        above = error.filename and Path(error.filename) in path.parents  # a temporary name says nothing to anybody
        do = "make room there" if error.errno in FULL else "choose a folder that you may write"
        raise InvalidRequest(f"cannot write {error.filename if above else path}: {error.strerror}; {do}") from error
