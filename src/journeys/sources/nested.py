"""SQL functions that mappings may use on nested values, which are JSON text in some formats and typed in others."""

from __future__ import annotations

from collections.abc import Callable

# What is no JSON gives null.
_FUNCTIONS = {
    "json_text(value, path)": "json_extract_string(TRY_CAST(value AS JSON), path)",
    # BigQuery writes a list into Parquet as {list: [{element: ...}]}.
    "json_items(value)": """json_transform(
        CASE WHEN json_type(TRY_CAST(value AS JSON)) = 'OBJECT'
          THEN to_json(json_extract(TRY_CAST(value AS JSON), '$.list[*].element')) ELSE TRY_CAST(value AS JSON) END,
        '["JSON"]')""",
    # Of a list of {key, value: {string_value, int_value, ...}}, as Google writes it, the value under a key.
    "event_param(params, name)": """list_extract(list_filter(json_extract_string(
        list_extract(list_filter(json_items(params), lambda pair: json_extract_string(pair, '$.key') = name), 1),
        ['$.value.string_value', '$.value.int_value', '$.value.float_value', '$.value.double_value']),
        lambda found: found IS NOT NULL), 1)""",
}


def define_functions(run: Callable[[str], object]) -> None:
    """Define `json_text`, `event_param` (text or null) and `json_items` (a list of JSON values).

    Args:
        run: runs a statement on the connection that is to know them.
    """
    for head, body in _FUNCTIONS.items():
        run(f"CREATE OR REPLACE TEMP MACRO {head} AS ({body})")
