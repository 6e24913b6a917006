"""Receipts of a shop and telephone calls, told by the columns of a plain table, whatever these are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from journeys.presets import load_preset
from journeys.sources.guess.columns import LIKELY, SURE, UNSURE
from journeys.sources.guess.sample import Sample
from journeys.sources.guess.times import Times, find_earliest, read_times

_MOST = 0.9
# What a row is about, by the names of its columns without case and punctuation; those of the presets come first.
_RECEIPTS: Mapping[str, str] = {
    "day": "soldat transactiontimestamp receiptdate timestamp datetime date transactiondate transactiontime "
    "transactiondatetime purchasedate purchasedat purchasetime saledate saletime salesdate orderdate invoicedate "
    "ticketdate createdat day time",
    "clock": "time receipttime transactiontime saletime purchasetime hour clock",
    "number": "receiptid receiptnumber receipt basketid receiptno receiptnr invoiceno invoicenumber invoice "
    "transactionid transactionno transactionnumber ticketid ticketnumber ticketno billno billnumber bonnr checknumber "
    "orderid ordernumber orderno",
    "amount": "total amount salesvalue dollarvalue totalmoney totalamount totalprice totalsum gross grossamount "
    "grosstotal sum paid amountpaid sales saleamount salesamount receipttotal ordertotal net netamount price",
    "quantity": "quantity qty units",
    "unit_price": "unitprice priceperunit itemprice",
    "currency": "currency currencycode",
    "loyalty_card": "loyaltycard loyaltyid cardnumber loyaltynumber loyaltyno loyaltycardnumber loyaltymemberid "
    "membercard membershipnumber membershipid membershipno memberid memberno cardno cardid clubcard clubcardnumber "
    "bonuscard",
    "phone": "phone phonenumber mobile mobilenumber telephone msisdn customerphone",
    "email": "email emailaddress mail customeremail",
    "customer": "customerid customer householdid customernumber customerno clientid clientno userid shopperid buyerid",
    "shop": "shop shopid store storeid storecode storenumber storename branch branchid location locationid outlet",
    "till": "till register terminal terminalid posid pos tillid registerid cashdesk",
    "line": "line linenumber productid sku lineno itemno stockcode articleid articleno ean itemid",
}
_CALLS: Mapping[str, str] = {
    "day": "startedat starttime calldate start callstart callstarttime callstartedat calltime calldatetime timestamp "
    "datetime date createdat time",
    "duration": "duration callduration durationsec durationseconds durations durationinseconds billsec talktime "
    "calllength length",
    "phone": "phone phonenumber customerphone customernumber msisdn",
    "from": "from fromnumber src caller callerid callernumber callingnumber ani source anumber",
    "to": "to tonumber dst called callednumber callee calleenumber dialednumber destination bnumber",
    "number": "callid sid uniqueid callsid calluuid linkedid uuid id",
    "direction": "direction calldirection calltype",
    "outcome": "outcome status disposition callstatus callresult calloutcome result",
    "customer": "customerid userid clientid",
    "contact": "contactid",
    "email": "email",
}
# With one of these a table is a log of something else.
_OTHERS = {"event", "eventname", "eventtype", "action", "activity", "stage", "url", "pageurl", "sessionid", "pipeline"}
_UNANSWERED = ("missed", "no answer", "no-answer", "noanswer", "unanswered", "not answered", "busy", "failed",
               "canceled", "cancelled", "abandoned", "rejected", "voicemail")  # fmt: skip
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?")
Row = tuple[str, object, str]


@dataclass
class StoreTable:
    """A table that a preset of plain tables reads.

    Attributes:
        preset: receipts or calls.
        sureness: SURE, LIKELY or UNSURE.
        why: which column tells what.
        keys: of `[[source]]` beside the preset.
        columns: those that are called otherwise than in the preset: canonical column, the source's, a comment.
        identifiers: the same by kind.
    """

    preset: str
    sureness: str
    why: str
    keys: dict[str, object] = field(default_factory=dict)
    columns: list[Row] = field(default_factory=list)
    identifiers: list[Row] = field(default_factory=list)


def find_store_table(sample: Sample) -> StoreTable | None:
    """Tell receipts and calls by the columns of a sample; None where it is neither."""
    if _OTHERS & {_plain(column) for column in sample.values} or sample.kind == "rest":
        return None
    return _find_calls(sample) or _find_receipts(sample)


class _Roles:
    """Which column of a sample plays which role."""

    def __init__(self, sample: Sample, names: Mapping[str, str], preset: str) -> None:
        self._values = {
            column: [value.strip() for value in values if value is not None and value.strip()]
            for column, values in sample.values.items()
        }
        self._names = names
        self._own = set(load_preset(preset).parts[""]["optional_columns"])
        self._is_exact = "json" in str(sample.settings.get("format", sample.place))
        self._taken: set[str] = set()
        self.found: dict[str, str] = {}

    def take(self, role: str, test: Callable[[Sequence[str]], bool] = bool) -> str:
        """Find the column of a role by its names, the likeliest first; '' where there is none whose values fit."""
        for name in self._names[role].split():
            for column, values in self._values.items():
                if column not in self._taken and _plain(column) == name and values and test(values):
                    self._taken.add(column)
                    self.found[role] = column
                    return column
        return ""

    def values(self, column: str) -> list[str]:
        """The filled values of a column."""
        return self._values[column]

    def is_own(self, column: str) -> bool:
        """Whether the preset reads a column by this name."""
        return column in self._own or (not self._is_exact and column.lower() in self._own)

    def tell(self) -> str:
        """Write which column is what."""
        return ", ".join(f"{role.replace('_', ' ')} = {column}" for role, column in self.found.items())


def _find_receipts(sample: Sample) -> StoreTable | None:
    roles = _Roles(sample, _RECEIPTS, "receipts")
    day, amount = roles.take("day", _are_times), roles.take("amount", _are_numbers)
    clock = roles.take("clock", _are_clocks)
    whose = [roles.take("loyalty_card"), roles.take("phone"), roles.take("email"), roles.take("customer")]
    count, price = (
        ("", "") if amount else (roles.take("quantity", _are_numbers), roles.take("unit_price", _are_numbers))
    )
    number, shop = roles.take("number"), roles.take("shop")
    for role in ("till", "line", "currency"):
        roles.take(role)
    if not day or not (amount or (count and price)) or not any(whose):
        return None
    sureness = (UNSURE, LIKELY, SURE)[bool(number) + bool(shop or roles.found.get("till") or whose[0])]
    table = StoreTable("receipts", sureness, roles.tell())
    _map_time(table, roles, (day, clock))
    if count and price:
        product = f"TRY_CAST({_quote(count)} AS DOUBLE) * TRY_CAST({_quote(price)} AS DOUBLE)"
        table.columns.append(("value_amount", {"sql": product}, "price times quantity"))
        _map_return(table, count)
    elif not roles.is_own(amount):
        has_comma = any("," in value for value in roles.values(amount))
        given: object = {"sql": f"replace({_quote(amount)}, ',', '.')"} if has_comma else amount
        table.columns.append(("value_amount", given, "its name and numbers"))
        _map_return(table, amount)
    _map_number(table, roles, [shop, roles.found.get("till", ""), day, clock, number, roles.found.get("line", "")])
    _map_own_names(table, roles, {"customer": "user_id", "currency": "currency"}, ("loyalty_card", "phone", "email"))
    return table


def _map_return(table: StoreTable, column: str) -> None:
    sql = f"CASE WHEN starts_with({_quote(column)}::VARCHAR, '-') THEN 'return' ELSE 'purchase' END"
    table.columns.append(("event", {"sql": sql}, "below nothing it is a return"))


def _map_number(table: StoreTable, roles: _Roles, parts: Sequence[str]) -> None:
    """A receipt's number begins anew in each shop, at each till or every day: all of it together names a row."""
    named = [each for each in parts if each]
    if "number" in roles.found and not all(map(roles.is_own, named)):
        sql = f"concat_ws('|', {', '.join(map(_quote, named))})"
        table.columns.append(("event_id", {"sql": sql}, "what names a row"))


def _find_calls(sample: Sample) -> StoreTable | None:
    roles = _Roles(sample, _CALLS, "calls")
    day, duration = roles.take("day", _are_times), roles.take("duration", _are_durations)
    phone, caller, called = roles.take("phone"), roles.take("from"), roles.take("to")
    if not (day and duration and (phone or caller or called)):
        return None
    number, direction, outcome = roles.take("number"), roles.take("direction"), roles.take("outcome")
    for role in ("customer", "contact", "email"):
        roles.take(role)
    signs = bool(number) + bool(direction) + bool(outcome)
    if not signs and "call" not in " ".join((sample.place, *sample.values)).lower():
        return None
    table = StoreTable("calls", (UNSURE, LIKELY, SURE, SURE)[signs], roles.tell())
    _map_time(table, roles, (day, ""))
    if number and not roles.is_own(number):
        table.columns.append(("event_id", number, "its name"))
    if not all(roles.is_own(each) for each in (direction, outcome) if each):
        table.columns.append(("event", {"sql": _write_call(direction, outcome)}, "by direction and outcome"))
    whose = [each for each in (phone or caller, "" if phone else called) if each]
    if not all(map(roles.is_own, whose)):
        given: object = whose[0]
        if len(whose) == 2 and direction:
            given = {"sql": f"CASE WHEN {_is_out(direction)} THEN {_quote(called)} ELSE {_quote(caller)} END"}
        table.identifiers.append(("phone", given, "the customer's number"))
    _map_own_names(table, roles, {"customer": "user_id"}, ("email",))
    if "contact" in roles.found and not roles.is_own(roles.found["contact"]):
        table.identifiers.append(("contact_id", roles.found["contact"], "its name"))
    return table


def _is_out(direction: str) -> str:
    return f"starts_with(lower({_quote(direction)}), 'out')"


def _write_call(direction: str, outcome: str) -> str:
    is_out = _is_out(direction) if direction else "false"
    listed = ", ".join(f"'{each}'" for each in _UNANSWERED)
    is_missed = f"replace(lower({_quote(outcome)}), '_', ' ') IN ({listed})" if outcome else "false"
    return (
        f"CASE WHEN {is_missed} THEN CASE WHEN {is_out} THEN 'call_unanswered' ELSE 'call_missed' END "
        f"WHEN {is_out} THEN 'call_out' ELSE 'call_in' END"
    )


def _map_time(table: StoreTable, roles: _Roles, parts: tuple[str, str]) -> None:
    day, clock = parts
    times = read_times(roles.values(day))
    assert times is not None
    if earliest := find_earliest(roles.values(day), times):
        table.keys["earliest"] = earliest
    is_own = roles.is_own(day) and day.lower() != "time"  # which the presets read beside a date only
    form = times.keys.get("time_format", "")
    keys = dict(times.keys)
    is_together = day.lower() == "date" and clock.lower() == "time"
    if form == "%Y%m%d" and day.lower() == "date" and is_own:
        keys = {}  # the preset reads it
    elif form and clock:
        keys["time_format"] = f"{form} {'%H:%M:%S' if _has_seconds(roles.values(clock)) else '%H:%M'}"
    table.keys |= keys if keys != {"unit": load_preset(table.preset).parts[""].get("unit")} else {}
    if clock and not (is_together and is_own):
        joined = f"{_quote(day)}::VARCHAR || ' ' || {_quote(clock)}::VARCHAR"
        table.columns.append(("occurred_at", {"sql": joined}, _write_time(times)))
    elif not is_own:
        table.columns.append(("occurred_at", day, _write_time(times)))


def _write_time(times: Times) -> str:
    doubt = "; day and month may be the other way round" if times.is_ambiguous else ""
    return f"{times.share:.0%} of its values are times{doubt}"


def _map_own_names(table: StoreTable, roles: _Roles, columns: Mapping[str, str], identifiers: Sequence[str]) -> None:
    """Map what the preset reads by other names only."""
    for role, canonical in columns.items():
        if role in roles.found and not roles.is_own(roles.found[role]):
            table.columns.append((canonical, roles.found[role], "its name"))
    for role in identifiers:
        if role in roles.found and not roles.is_own(roles.found[role]):
            table.identifiers.append((role, roles.found[role], "its name"))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _quote(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _share(values: Sequence[str], test: Callable[[str], object]) -> float:
    return sum(bool(test(value)) for value in values) / len(values)


def _are_times(values: Sequence[str]) -> bool:
    times = read_times(values)
    return times is not None and times.share >= _MOST


def _are_clocks(values: Sequence[str]) -> bool:
    return _share(values, _CLOCK.fullmatch) >= _MOST


def _has_seconds(values: Sequence[str]) -> bool:
    return _share(values, lambda value: value.count(":") == 2) > _MOST


def _are_numbers(values: Sequence[str]) -> bool:
    return _share(values, re.compile(r"-?\d+([.,]\d+)?").fullmatch) >= _MOST


def _are_durations(values: Sequence[str]) -> bool:
    return _share(values, re.compile(r"\d+(\.\d+)?|\d{1,3}:\d\d(:\d\d)?").fullmatch) >= _MOST
