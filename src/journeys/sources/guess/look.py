"""The first rows of whatever is named: a file, a folder, a pattern, the address of an API, or a database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from journeys.config.problems import mask_secrets
from journeys.errors import CallError
from journeys.sources.guess.files import look_at_files
from journeys.sources.guess.places import write_path
from journeys.sources.guess.sample import Sample
from journeys.sources.guess.tables import look_at_tables

URL_VARIABLE = "JOURNEYS_SOURCE_URL"
_SQLITE = "sqlite:///"
_STORES = (
    "s3://",
    "s3a://",
    "gs://",
    "gcs://",
    "az://",
    "abfs://",
    "abfss://",
    "hdfs://",
    "ftp://",
    "ftps://",
    "sftp://",
)
_SQLITE_MAGIC = b"SQLite format 3\0"


def look_at(place: str, folder: Path, login: str | None = None) -> list[Sample]:
    """Read the first rows of a place.

    Args:
        place: a file, a folder, a pattern, the address of an API, or the URL of a database.
        folder: where the configuration will lie, absolute.
        login: of an address: how it is told who asks; see `addresses.Login`.

    Returns:
        One sample for each layout of files, for each table of a database, and for an API.

    Raises:
        CallError: nothing is there, or its format cannot be told.
        SourceError: the database or API cannot be reached.
    """
    if place.lower().startswith(("http://", "https://")):
        from journeys.sources.guess.addresses import look_at_address  # its HTTP client is slow to import

        return [look_at_address(place, login)]
    if login is not None:
        raise CallError("init", "--auth goes with the address of an API", found=repr(mask_secrets(place)),
                        do="leave it out")  # fmt: skip
    place = place.removeprefix("file://")
    if place.lower().startswith(_STORES):
        raise CallError("init", "files are read from this machine only", found=repr(mask_secrets(place)),
                        allowed="a file, a folder, the address of an API, or the URL of a database",
                        do="fetch the files each night before the refresh, or mount the store as a folder")  # fmt: skip
    if "://" not in place:
        if not _is_sqlite(Path(place).expanduser()):
            return look_at_files(place, folder)
        place = f"{_SQLITE}{place}"
    url, written = _write_url(place, folder)
    known = {URL_VARIABLE: place} if written.startswith("${") else {}
    return [
        replace(each, settings={**each.settings, "url": written}, environment=known)
        for each in look_at_tables(url, folder)
    ]


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError:
        return False


def _write_url(place: str, folder: Path) -> tuple[str, str]:
    """The URL to look at, and the one to write: a password only as the variable that will hold it."""
    name = place.removeprefix(_SQLITE)
    if not place.startswith(_SQLITE) or not name or "?" in name or name.startswith(":"):
        return place, place if mask_secrets(place) == place else f"${{{URL_VARIABLE}}}"
    # Typed in a shell, a relative file is looked for where one is; written, from the configuration on.
    path = Path(name).expanduser()
    path = path.absolute() if path.absolute().is_file() else folder / path
    return f"{_SQLITE}{path.as_posix()}", f"{_SQLITE}{write_path(path, folder)}"
