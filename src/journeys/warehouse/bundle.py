"""Where `sql/` and `pipelines/` are: beside the package in a wheel, at the top of a checkout otherwise."""

from __future__ import annotations

from pathlib import Path

from journeys.errors import ModelError


def find_folder(name: str) -> Path:
    """Return the folder `sql` or `pipelines`.

    Raises:
        ModelError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    places = (package / "_bundled" / name, package.parents[1] / name)
    for place in places:
        if place.is_dir():
            return place
    raise ModelError(
        "installation",
        f"the folder {name}/ is missing from the installation",
        found=", ".join(str(place) for place in places),
        do="install the package again",
    )
