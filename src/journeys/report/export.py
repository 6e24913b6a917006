"""Write an answer as a table for a terminal, JSON, CSV or Parquet."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from journeys.errors import CallError, PublishError
from journeys.report.result import Result, plain_rows

FORMATS = ("table", "json", "csv", "parquet")
_ENDINGS = {".json": "json", ".csv": "csv", ".parquet": "parquet", ".txt": "table"}
_SHOWN_ROWS = 60
_WIDE = 400  # a file or a pipe folds no cell
_RULE_WIDTH = 110
_LISTED = 12


def choose_format(given: str | None, output: Path | None) -> str:
    """Return the format asked for, or the one the file's ending says, or a table.

    Raises:
        CallError: Parquet without a file, or an ending that says nothing.
    """
    chosen = given
    if chosen is None:
        chosen = "table" if output is None else _ENDINGS.get(output.suffix.lower())
    if chosen is None:
        raise CallError("format", f"{output}: the ending does not say the format", allowed=", ".join(_ENDINGS),
                        do="give --format")  # fmt: skip
    if chosen == "parquet" and output is None:
        raise CallError("format", "Parquet is not written to a terminal", do="give a file with -o FILE.parquet")
    return chosen


def write_result(result: Result, file_format: str, output: Path | None) -> None:
    """Write an answer to a file, which is replaced as a whole, or to standard output.

    Raises:
        PublishError: the file or standard output cannot be written.
    """
    if output is not None and file_format == "parquet":
        _replace(output, lambda partial: _write_parquet(result, partial))
        return
    is_terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else _WIDE
    write_text(_text(result, file_format, width=width), output)


def write_text(text: str, output: Path | None) -> None:
    """Write a text as it is to a file, which is replaced as a whole, or to standard output.

    Raises:
        PublishError: the file or standard output cannot be written.
    """
    if output is not None:
        _replace(output, lambda partial: partial.write_text(text, encoding="utf-8"))
        return
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise PublishError("output", "standard output cannot be written", found=str(error)) from error


def _replace(output: Path, write: Callable[[Path], object]) -> None:
    partial = output.with_name(output.name + ".part")
    try:
        write(partial)
        os.replace(partial, output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise PublishError(
            "output", f"{output} cannot be written", found=error.strerror or str(error), do="name another file"
        ) from error


def print_table(result: Result, console: Console) -> None:
    """Print the first rows as a table, with the rule below."""
    table = Table(box=box.MARKDOWN)
    for name in result.frame.columns:
        is_number = pd.api.types.is_numeric_dtype(result.frame[name])
        table.add_column(Text(str(name)), justify="right" if is_number else "left", overflow="fold")
    for row in plain_rows(result.frame.head(_SHOWN_ROWS)):
        table.add_row(*[Text(_cell(name, value)) for name, value in row.items()])
    console.print(table)
    if len(result.frame) > _SHOWN_ROWS:
        console.print(f"and {len(result.frame) - _SHOWN_ROWS:,} more rows (--format csv shows all)", highlight=False)
    rule = textwrap.fill(str(result.definition["rule"]), _RULE_WIDTH)
    console.print(Text(f"\n{rule}\nAs of {result.definition['as_of']}."))


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        more = f" > ... {len(value) - _LISTED} more" if len(value) > _LISTED else ""
        return " > ".join(_cell(name, each) for each in value[:_LISTED]) + more
    if isinstance(value, float):
        if "share" in name:
            return f"{100 * value:.1f} %"
        return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.3f}"
    if isinstance(value, int) and not isinstance(value, bool) and not name.endswith("_index"):
        return f"{value:,}"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(value))


def _csv_cell(value: object) -> object:
    """Write a list as JSON, which can be read back; CSV has no lists."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _text(result: Result, file_format: str, *, width: int) -> str:
    if file_format == "json":
        return json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False) + "\n"
    if file_format == "csv":
        rows = [{name: _csv_cell(value) for name, value in row.items()} for row in plain_rows(result.frame)]
        frame = pd.DataFrame(rows, columns=result.frame.columns, dtype=object)
        return str(frame.to_csv(index=False, lineterminator="\n"))
    with io.StringIO() as lines:
        print_table(result, Console(file=lines, width=width))
        return lines.getvalue().lstrip()  # no blank line above the table


def _write_parquet(result: Result, path: Path) -> None:
    """Write the rows, with the definition in the file's metadata under the key `definition`."""
    table = pa.Table.from_pandas(result.frame, preserve_index=False)
    definition = json.dumps(result.definition, ensure_ascii=False)
    pq.write_table(table.replace_schema_metadata({"definition": definition}), path)
