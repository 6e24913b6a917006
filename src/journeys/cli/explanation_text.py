"""An explained identifier as lines for a terminal: what matters first, each identifier under the one it hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from journeys.identity.explanation import Blocked, Evidence, Explanation, Guarded, Member, PersonFacts, Refusal
from journeys.report.labels import clean_text, shorten

_WIDTH = 100
_MOST_LINES = 50
_MOST_USERS = 10
_DEEPEST = 12  # chains further in are not indented further
_RULES = {"same_row": "same row", "must_link": "override: must be one person"}
# How an event is known to be somebody's, in words; any other is by an identifier on the event itself.
_KNOWN_BY = {
    "device_id": "by the device alone",
    "earlier in the visit": "known from earlier in the visit",
    "later in the visit": "known from later in the visit",
    "last on the device": "as the last one known on the device",
    "first on the device": "as the first one known on the device",
}


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """Yield what is known of an identifier, a line each; times are UTC."""
    name = _clean(explanation.identifier)
    as_asked = "" if explanation.asked == explanation.identifier else f"   (asked for as {_clean(explanation.asked)})"
    if explanation.blocked:
        yield from _blocked_lines(name + as_asked, explanation.blocked)
        return
    yield name + as_asked
    if explanation.guarded:
        yield from _guarded_lines(explanation.guarded)
    if explanation.person:
        yield from _person_lines(explanation.person)
    yield ""
    yield f"identifiers ({len(explanation.identifiers):,}), each under the one it hangs on"
    yield from _cut(_member_lines(explanation))
    yield ""
    yield (
        f"refused around them ({len(explanation.refused):,})" if explanation.refused else "refused around them: nothing"
    )
    yield from _cut(map(_refusal_line, explanation.refused))
    yield f"\nsnapshot as of {explanation.as_of}, later rows included; times are UTC"


def _blocked_lines(name: str, blocked: Blocked) -> Iterator[str]:
    yield name
    yield f"never identifies anybody: {blocked.reason}"
    yield "no person has it, and nothing is linked by it"
    if not blocked.rows:
        yield "no row of this snapshot carries it"
    for given, source, count in blocked.rows[:_MOST_USERS]:
        yield f"  on {_rows(count)} of source {_clean(source)}, written {_clean(repr(given))}"
    if len(blocked.rows) > _MOST_USERS:
        yield f"  and {len(blocked.rows) - _MOST_USERS:,} more (--format json shows all)"


def _guarded_lines(guarded: Guarded) -> Iterator[str]:
    yield (f"kept out as a {'hub' if guarded.guard == 'hub' else 'shared thing'}: met with {guarded.linked_count:,} of "
           f"kind {guarded.linked_kind}, allowed {guarded.allowed_count:,}; it links nobody")  # fmt: skip
    shown = ", ".join(f"{_clean(user)} ({_rows(count)})" for user, count in guarded.users[:_MOST_USERS])
    more = len(guarded.users) - _MOST_USERS
    yield _field("its users", shown + (f" and {more:,} more" if more > 0 else ""))
    total = sum(count for _, _, count in guarded.given)
    yield _field("its events", f"{total:,}, given to persons one by one")
    for known_by, person_count, count in guarded.given:
        yield _field("", f"{count:,} {_known_by(known_by)}: {person_count:,} person{'' if person_count == 1 else 's'}")
    yield "the identifier itself counts for"


def _person_lines(person: PersonFacts) -> Iterator[str]:
    if person.is_known is None:
        yield _field("person", f"{person.person_id}   no event is theirs")
    else:
        known = "known" if person.is_known else "known by device only"
        yield _field("person", f"{person.person_id}   {known}, {'a bot' if person.is_bot else 'no bot'}")
        yield _field("seen", _span(person.first_seen_at, person.last_seen_at))
    if person.event_count:
        ways = ", ".join(f"{count:,} {_known_by(known_by)}" for known_by, count in person.known_by)
        yield _field("events", f"{person.event_count:,}: {ways}")
    for index, tie in enumerate(person.accounts[:_MOST_USERS]):
        origin = "named by a source" if tie.origin == "source" else "by e-mail domain"
        span = _span(tie.first_seen_at, tie.last_seen_at)
        yield _field(
            "" if index else "accounts", f"{_clean(tie.account_id)}   {origin}, {tie.event_count:,} events, {span}"
        )
    for index, former in enumerate(person.former_ids[:_MOST_USERS]):
        yield _field(
            "" if index else "former ids",
            f"{former.person_id}   {former.change} into {former.new_person_id} at {_time(former.changed_at)} "
            f"with {former.identifier_count:,} identifiers",
        )


def _member_lines(explanation: Explanation) -> Iterator[str]:
    children: dict[str, list[Member]] = {}
    apart = []
    for member in explanation.identifiers:
        if member.link:
            children.setdefault(member.link.start, []).append(member)
        else:
            apart.append(member)
    stack = [(member, 0) for member in reversed(apart)]
    while stack:
        member, depth = stack.pop()
        indent = "  " * (1 + min(depth, _DEEPEST))
        yield f"{indent}{_clean(member.identifier):<{max(1, 44 - len(indent))}} {_member_facts(member)}"
        for evidence in member.link.evidence if member.link else ():
            yield f"{indent}    {_evidence_text(evidence)}"
        if not member.link and member.identifier != explanation.identifier:
            yield f"{indent}    {_why_apart(member)}"
        stack += [(child, depth + 1) for child in reversed(children.get(member.identifier, []))]


def _why_apart(member: Member) -> str:
    if member.guard:
        return f"no link: kept out ({member.guard}), and given to this person by the rule"
    return "no accepted link leads to it from the identifier asked for"


def _member_facts(member: Member) -> str:
    if member.first_seen_at is None:
        return "on no row, named by an override only"
    facts = [_rows(member.event_count), _span(member.first_seen_at, member.last_seen_at)]
    if member.guard:
        facts.append(f"kept out ({member.guard})")
    if member.is_composite:
        facts.append("built from several columns, never links")
    return ", ".join(facts)


def _evidence_text(evidence: Evidence) -> str:
    rule = _RULES.get(evidence.rule, evidence.rule)
    if evidence.first_seen_at is None:
        return rule
    return (f"{rule} in {_clean(evidence.source)}: {_rows(evidence.event_count)}, "
            f"{_span(evidence.first_seen_at, evidence.last_seen_at)}")  # fmt: skip


def _refusal_line(refusal: Refusal) -> str:
    link = _clean(refusal.identifier) + (f" with {_clean(refusal.other)}" if refusal.other else "")
    place = f"{_clean(refusal.source)}, {_rows(refusal.event_count)}"
    return f"  {refusal.guard:<11} {link} ({place}): {_clean(refusal.reason)}"


def _cut(lines: Iterable[str]) -> Iterator[str]:
    left_out = 0
    for index, line in enumerate(lines):
        if index < _MOST_LINES:
            yield line
        else:
            left_out += 1
    if left_out:
        yield f"  and {left_out:,} more lines (--format json shows all)"


def _known_by(known_by: str) -> str:
    return _KNOWN_BY.get(known_by, f"by own {known_by}")


def _field(label: str, text: str) -> str:
    return f"  {label:<12} {text}"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _span(first: str | None, last: str | None) -> str:
    if first is None or last is None:
        return "never seen"
    return _time(first) if first == last else f"{_time(first)} to {_time(last)}"


def _time(moment: str) -> str:
    return moment[:19].replace("T", " ")


def _clean(text: str) -> str:
    return shorten(clean_text(text), _WIDTH)
