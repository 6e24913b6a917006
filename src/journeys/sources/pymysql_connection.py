"""PyMySQL's connection, kept from waiting for ever and from reading on when nobody wants the rest."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pymysql.connections import Connection
from pymysql.constants import CR
from pymysql.err import OperationalError


class PatientConnection(Connection):  # type: ignore[misc]  # the driver states no types
    """A connection whose greeting has to come within `connect_timeout`, and that can be left in the middle of a result.

    PyMySQL waits for the greeting as long as for rows. A result that is not read to its end it reads on when it is
    closed or thrown away: all of a large table that nobody wants any more, or, when the server is gone, an
    AttributeError that is printed and not raised.
    """

    def connect(self, sock: Any = None) -> None:
        """Connect and log in."""
        patience: float | None = self._read_timeout
        self._read_timeout: float | None = self.connect_timeout
        try:
            super().connect(sock)
        except OperationalError as error:
            if error.args[0] != CR.CR_SERVER_LOST:
                raise
            raise OperationalError(CR.CR_CONN_HOST_ERROR, f"No greeting of the server: {error.args[1]}") from None
        finally:
            self._read_timeout = patience

    def _force_close(self) -> None:
        """Close the socket; what was not read of a result is not asked for again."""
        result = getattr(self, "_result", None)
        if result is not None:
            result.unbuffered_active = False
        super()._force_close()


def use_patient_connections(engine: sa.Engine) -> None:
    """Let an engine over PyMySQL make such connections."""

    @sa.event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, settings: Any) -> PatientConnection:
        # PyMySQL itself takes a text as Latin-1, in which not every password can be written.
        password = settings.get("password") or ""
        return PatientConnection(*arguments, **settings | {"password": password.encode()})
