"""What a finished night is held to before it is published: counted in `sql/6_report`, judged here."""

from journeys.report.gates.judge import accept_verdicts, count_verdicts, judge_arrivals, judge_gates
from journeys.report.gates.notice import find_notice
from journeys.report.gates.verdict import VERDICTS_TABLE, Verdict, accept, read_verdicts, warned_texts

__all__ = [
    "VERDICTS_TABLE",
    "Verdict",
    "accept",
    "accept_verdicts",
    "count_verdicts",
    "find_notice",
    "judge_arrivals",
    "judge_gates",
    "read_verdicts",
    "warned_texts",
]
