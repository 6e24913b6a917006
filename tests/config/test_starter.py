"""The file that `journeys init` writes is valid and complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.config import (
    Alert,
    Auth,
    Bots,
    Calendar,
    Consent,
    FunnelSettings,
    Gates,
    Goal,
    Identity,
    Journey,
    KindSettings,
    Mail,
    Override,
    Paging,
    Privacy,
    Project,
    ReportSettings,
    Request,
    Retention,
    Session,
    Settings,
    Source,
    Stage,
    TouchpointRule,
    Warehouse,
    starter_text,
)
from journeys.errors import ConfigError


def test_the_starter_file_loads_and_shows_every_option(load: Callable[..., Settings]) -> None:
    text = starter_text()
    settings = load(text=text)
    assert settings.warnings == ()
    for model in (
        Project,
        Warehouse,
        Source,
        Request,
        Auth,
        Paging,
        Identity,
        KindSettings,
        Override,
        Privacy,
        Consent,
        Retention,
        Bots,
        Session,
        Journey,
        Stage,
        TouchpointRule,
        Goal,
        FunnelSettings,
        Calendar,
        Gates,
        ReportSettings,
        Alert,
        Mail,
    ):
        for name, field in model.model_fields.items():
            key = field.validation_alias or name
            is_shown = (
                f"{key} = " in text
                or f"[identity.{key}" in text
                or any(f"[{part}.{key}]" in text for part in ("alert", "privacy", "source"))
            )
            assert field.json_schema_extra or key == "columns" or is_shown, f"{model.__name__}.{key}"
    assert len(text.splitlines()) < 290


def test_options_shown_as_comments_in_the_starter_file_are_valid(
    load: Callable[..., Settings], every_option: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text=every_option)
    assert [problem.removeprefix(f"{tmp_path / 'journeys.toml'}: ") for problem in caught.value.problems] == [
        (
            f"{place}: the environment variable {name} is not set; found '${{{name}}}'; "
            "allowed: variables that are set where journeys runs"
        )
        for place, name in (
            ('[[source]] "crm" (2nd): url', "CRM_URL"),
            ('[[source]] "shop_api" (3rd): url', "SHOP_API"),
            ('[[source]] "shop_api" (3rd): auth.token', "SHOP_TOKEN"),
            ('[[source]] "contacts" (4th): url', "CRM_URL"),
            ("[alert]: webhook", "ALERT_URL"),
            ("[alert]: mail.password", "MAIL_PASSWORD"),
        )
    ]


def test_an_option_shown_as_a_comment_shows_its_default(load: Callable[..., Settings]) -> None:
    kept = (
        "timezone",
        "gap_inclusive",
        "midnight",
        "campaign =",
        "keep_s",
        "earliest",
        "required",
        "drop_",
        "value",
        "top",
    )
    kept += (
        "memory_limit",
        'currency = ""',
        'format = "auto"',
        "unit",
        "order",
        "entry",
        "top",
        "depth",
        "interaction",
    )
    kept += (
        'holds = "events"',
        "phone_region",
        "hub_degree",
        "alarm_size",
        "account_domains",
        "free_mail",
        "user_agents",
    )
    kept += ("free_mail", "user_agents", "most_events", "within", "steady_pages")
    lines = [
        line.removeprefix("# ") if line.startswith(tuple(f"# {key}" for key in kept)) and "{" not in line else line
        for line in starter_text().splitlines()
    ]
    plain, shown = load(text=starter_text()), load(text="\n".join(lines))
    assert shown.sources[0].model_fields_set > plain.sources[0].model_fields_set
    assert shown.sources[0].interaction is plain.sources[0].is_interaction is True
    assert shown.identity.model_fields_set > plain.identity.model_fields_set
    assert len(shown.bots.model_fields_set) == len(type(shown.bots).model_fields)
    assert shown.warehouse == plain.warehouse
    assert (
        shown.model_copy(update={"sources": ()}).fingerprint() == plain.model_copy(update={"sources": ()}).fingerprint()
    )
    first, second = (each.sources[0].model_dump(exclude={"interaction"}) for each in (shown, plain))
    assert first == second
