"""`python -m journeys.cli` is `journeys`."""

from journeys.cli import main

main()
