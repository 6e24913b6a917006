"""What a file or database holds, guessed from its first rows: which preset or columns, how surely, and why."""

from journeys.sources.guess.drafting import Drafted, draft_settings
from journeys.sources.guess.preview import COLUMNS, show_rows

__all__ = ["COLUMNS", "Drafted", "draft_settings", "show_rows"]
