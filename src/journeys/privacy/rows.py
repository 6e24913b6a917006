"""The rows that have to change, as the database hands them over: their JSON rewritten, and counted."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from journeys.privacy.documents import Documents

if TYPE_CHECKING:
    from journeys.privacy.statement import RowPlan

VISITOR = "(visitor)"


class RowRewriter:
    """Rewrites `properties`, and counts the rows in which anything became something else.

    Args:
        plan: what is personal in the source.
    """

    def __init__(self, plan: RowPlan) -> None:
        self._known = Documents(plan.names, plan.tokens, plan.scrubber)
        self._unknown = Documents(plan.anonymous_names, plan.tokens, plan.scrubber)
        # The database calls from several threads; appending is safe, adding up is not.
        self._fates: list[Counter[str]] = []

    @property
    def pseudonymised_count(self) -> int:
        """Rows with a personal value or a dropped column."""
        return self._total("pseudonymised")

    @property
    def scrubbed_count(self) -> int:
        """Rows in whose texts something was found."""
        return self._total("scrubbed")

    @property
    def anonymised_count(self) -> int:
        """Rows whose identifiers were taken away."""
        return self._total("anonymised")

    def rewrite(
        self,
        documents: list[str | None],
        pseudonymised: list[bool],
        scrubbed: list[bool],
        with_texts: list[bool],
        visitors: list[str | None],
    ) -> list[str | None]:
        """Rewrite a batch of rows.

        Args:
            documents: their properties.
            pseudonymised: whether an identifier of the row became a token.
            scrubbed: whether a text column of the row changed.
            with_texts: whether the properties could hold something to scrub.
            visitors: of anonymised rows the device of the day, '' when they have none; of others None.
        """
        counts: Counter[str] = Counter()
        kept: list[str | None] = []
        rows = zip(documents, pseudonymised, scrubbed, with_texts, visitors, strict=True)
        for text, has_token, has_change, has_texts, visitor in rows:
            rewriter = self._known if visitor is None else self._unknown
            try:
                # A personal value must not leave in the message of an error.
                new = None if text is None else rewriter.rewrite(text, has_texts=has_texts)
            except Exception:  # noqa: BLE001
                raise ValueError("the properties of a row could not be protected") from None
            is_read = text is not None
            counts["pseudonymised"] += visitor is None and (has_token or (is_read and rewriter.is_pseudonymised))
            counts["scrubbed"] += has_change or (is_read and rewriter.is_scrubbed)
            counts["anonymised"] += visitor is not None
            kept.append(_add_visitor(new, visitor) if new is not None and visitor else new)
        self._fates.append(counts)
        return kept

    def _total(self, fate: str) -> int:
        return sum(counts[fate] for counts in self._fates)


def _add_visitor(text: str, visitor: str) -> str:
    """Name the device of the day in the row, so that two strangers' equal rows are no repeats of each other."""
    rest = text.lstrip()[1:]
    comma = "" if rest.strip() == "}" else ","
    return f"{{{json.dumps(VISITOR)}:{json.dumps(visitor)}{comma}{rest}"
