"""SQL functions that mappings may use: nested values (JSON text in some formats, typed in others), web requests."""

from __future__ import annotations

from collections.abc import Callable

_ENDING = r"regexp_extract(split_part(split_part(lower(address), '?', 1), '#', 1), '\.([a-z0-9]+)$', 1)"
_ASSETS = ("css", "js", "mjs", "map", "json", "xml", "txt", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico",
           "bmp", "woff", "woff2", "ttf", "otf", "eot", "webmanifest", "wasm")  # fmt: skip
_DOWNLOADS = ("pdf", "zip", "gz", "tgz", "bz2", "xz", "7z", "rar", "tar", "exe", "msi", "dmg", "pkg", "deb", "rpm",
              "apk", "iso", "csv", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "mp3", "mp4", "avi", "mov")  # fmt: skip
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
    # Of {data: [{schema: 'iglu:NAME/...', data: {...}}]}, as Snowplow's enriched events hold entities, the first of a
    # name such as 'com.snowplowanalytics.snowplow/client_session'.
    "iglu_entity(entities, name)": """json_extract(list_extract(list_filter(json_items(json_text(entities, '$.data')),
        lambda entity: starts_with(json_extract_string(entity, '$.schema'), 'iglu:' || name || '/')), 1), '$.data')""",
    # 304 is a page that the browser has already; a form that is sent is mostly answered by a redirect.
    "request_event(method, address, status)": f"""CASE
        WHEN status IN ('404', '410') THEN 'not_found' WHEN status LIKE '4%' THEN 'client_error'
        WHEN status LIKE '5%' THEN 'server_error' WHEN method = 'POST' THEN 'post'
        WHEN coalesce(method, 'GET') <> 'GET' THEN 'request'
        WHEN status LIKE '3%' AND status <> '304' THEN 'redirect'
        WHEN {_ENDING} IN {_ASSETS} THEN 'asset' WHEN {_ENDING} IN {_DOWNLOADS} THEN 'file_download'
        ELSE 'page_view' END""",
}


def define_functions(run: Callable[[str], object]) -> None:
    """Define `json_text`, `event_param` (text or null), `json_items`, `iglu_entity` (JSON values) and `request_event`.

    `request_event` names what a request to a web server was: page_view, asset, file_download, post, redirect,
    not_found, client_error, server_error, or request (any other method). A null status is taken for a success.

    Args:
        run: runs a statement on the connection that is to know them.
    """
    for head, body in _FUNCTIONS.items():
        run(f"CREATE OR REPLACE TEMP MACRO {head} AS ({body})")
