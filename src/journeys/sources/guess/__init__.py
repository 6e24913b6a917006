"""What a file or database holds, guessed from its first rows: which preset or columns, how surely, and why."""

from journeys.sources.guess.drafting import URL_VARIABLE, Drafted, draft_settings
from journeys.sources.guess.preview import COLUMNS, show_rows

__all__ = ["COLUMNS", "URL_VARIABLE", "Drafted", "draft_settings", "show_rows"]
