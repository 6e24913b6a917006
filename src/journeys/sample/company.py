"""Writes the whole company: configuration, data and truth."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from journeys.sample.behaviour import simulate_visits
from journeys.sample.bots import count_bots, find_bot_devices, make_bots
from journeys.sample.clickstream import expand_visits
from journeys.sample.crm import make_crm, write_crm
from journeys.sample.dirt import soil_events, write_dirty_log
from journeys.sample.parameters import CompanyParameters, CompanySummary
from journeys.sample.people import Bools, make_people
from journeys.sample.truth import find_causes, write_causes, write_json, write_parameters
from journeys.sample.voices import Answer, Ticket, list_answers, list_tickets, write_answers, write_tickets
from journeys.sample.who_is_who import (
    count_shared_use,
    list_identifiers,
    write_event_persons,
    write_identifiers,
    write_people,
    write_visits,
)
from journeys.sample.world import Levers, Visits, World, prepare_world


def is_sample_company(folder: Path) -> bool:
    """Say whether a folder holds a sample company that may be written anew: its truth, its configuration unedited."""
    config = folder / "journeys.toml"
    shipped = files("journeys.sample").joinpath("company.toml").read_bytes()
    return (folder / "truth" / "parameters.json").is_file() and (not config.exists() or config.read_bytes() == shipped)


def write_company(folder: Path, parameters: CompanyParameters) -> CompanySummary:
    """Write the sample company: `folder`/journeys.toml, data/ and truth/; equal parameters give equal bytes.

    Args:
        folder: made when missing; web logs of an earlier company in it are replaced.
        parameters: size, period, seed and all planted causes.

    Returns:
        CompanySummary: the folder and the main counts.
    """
    data, truth, web = folder / "data", folder / "truth", folder / "data" / "web"
    for one in (data, truth, web):
        one.mkdir(parents=True, exist_ok=True)
    for old in web.glob("*.jsonl"):
        old.unlink()
    _copy_text("company.toml", folder / "journeys.toml")
    _copy_text("README.txt", truth / "README.txt")

    world = prepare_world(parameters, make_people(parameters))
    visits = simulate_visits(world, Levers())
    humans = expand_visits(world, visits)
    bots = make_bots(world, len(humans))
    log = soil_events(humans.join(bots), parameters)
    counts = write_dirty_log(web, log, parameters) | count_bots(bots, parameters) | count_shared_use(world, log)

    crm = make_crm(world, _find_registered(world, visits))
    write_crm(data / "crm.sqlite", crm)
    tickets = list_tickets(world, visits)
    answers = list_answers(world, visits, tickets)
    write_tickets(data / "tickets.jsonl", world, tickets)
    write_answers(data / "surveys.csv", world, answers)

    voices: list[Ticket | Answer] = [*tickets, *answers]
    identifiers = list_identifiers(world, log, bot_devices=find_bot_devices(bots), crm=crm, voices=voices)
    write_identifiers(truth / "identifiers.parquet", identifiers)
    write_people(truth / "people.parquet", world, visits, crm)
    write_event_persons(truth / "events.parquet", log.events)
    write_visits(truth / "visits.parquet", world, visits=visits, events=log.events)
    write_causes(truth, find_causes(world, visits))
    write_json(truth / "dirt.json", counts)
    write_parameters(truth, parameters)
    return CompanySummary(
        folder=folder,
        person_count=len(world.people),
        file_count=counts["file_count"],
        line_count=counts["line_count"],
        event_count=len(log.events) + counts["future_event_count"],
        purchase_count=visits.purchase_count,
        customer_count=len(visits.find_customers()),
        contact_count=len(crm.contacts),
        deal_count=len(crm.rows["deals"]),
        survey_count=len(answers),
        ticket_count=len(tickets),
    )


def _find_registered(world: World, visits: Visits) -> Bools:
    """Say who has a user id at the end of the period."""
    registered = world.people.registered_before.copy()
    registered[visits.person[visits.login == 3]] = True
    return registered


def _copy_text(name: str, target: Path) -> None:
    """Write a text file of this package to `target`, unchanged."""
    target.write_bytes(files("journeys.sample").joinpath(name).read_bytes())
