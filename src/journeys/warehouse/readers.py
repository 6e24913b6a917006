"""Who reads a snapshot just now: a reader holds it, and what is held is not removed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform != "win32":  # there, open files cannot be removed anyway
    import fcntl

_HELD_FILE = "manifest.json"


def hold_snapshot(folder: Path) -> int | None:
    """Hold a snapshot against removal until `release_snapshot`; None where that cannot be done."""
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(folder / _HELD_FILE, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # a file system without locks
        os.close(descriptor)
        return None
    return descriptor


def release_snapshot(descriptor: int | None) -> None:
    """Let go of a snapshot."""
    if descriptor is not None:
        os.close(descriptor)


def is_being_read(folder: Path) -> bool:
    """Say whether somebody holds a snapshot."""
    if sys.platform == "win32":
        return False
    try:
        descriptor = os.open(folder / _HELD_FILE, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
