"""Named streams of random numbers: each purpose has its own, so that one more draw here moves nothing elsewhere."""

from __future__ import annotations

import hashlib

import numpy as np


def open_stream(seed: int, name: str) -> np.random.Generator:
    """Open the stream of random numbers that belongs to this seed and purpose, the same on every call.

    >>> float(open_stream(1, "people").random()) == float(open_stream(1, "people").random())
    True
    """
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
