"""What the registry is about to do by itself: stored before it is logged, dropped once it is kept.

An intent is {request, statement} under its name in `meta`. Killed anywhere, the next start goes on
with the same request: a statement that was logged is found by its id, one that was not is made
anew, because it would be too old by its `notBefore`.
"""

from collections.abc import Callable

from trust.core.canonical import Json, canonical, parse
from trust.core.errors import Malformed
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.facts import Facts
from trust.service.log_writer import LogWriter
from trust.service.term import Term
from trust.storage.ports import Tables, Values

MAX_INTENT = 1024 * 1024  # bytes: a trust file in base64, and a statement
_PREFIX = "intent:"


class Intents:
    """The intents of one registry in one term; one thread at a time carries one out."""

    def __init__(self, database: Tables, writer: LogWriter, term: Term) -> None:
        self._database, self._writer, self._term = database, writer, term

    def begin(self, name: str, choose: Callable[[], dict[str, Json]]) -> dict[str, Json]:
        """Return the request that is under way under a name, else the one chosen now."""
        stored = self._read(name)
        if stored is None:
            request = choose()
            self._store(name, request, None)
            return request
        return _object(stored["request"])

    def is_begun(self, name: str) -> bool:
        """Say whether something is under way under a name."""
        return stored_intent(self._database, name)

    def amend(self, name: str, request: dict[str, Json]) -> dict[str, Json]:
        """Replace the request of what was begun and is not logged; return it."""
        self._store(name, request, None)
        return request

    def is_logged(self, name: str) -> bool:
        """Say whether a published checkpoint covers the statement of what was begun."""
        statement = (self._read(name) or {}).get("statement")
        if statement is None:
            return False
        return self._writer.is_logged(parse_envelope(statement, STATEMENT_PAYLOAD, name))

    def log(self, name: str, statement_type: str, subject: bytes, facts: Facts) -> None:
        """Log the statement of what was begun, once; return when a checkpoint covers it."""
        if self.is_logged(name):
            return
        request = (self._read(name) or {}).get("request")
        envelope = self._writer.make(statement_type, subject, facts)
        self._store(name, request, envelope.to_json())
        self._writer.append_own([envelope], self._term)

    def finish(self, name: str, sql: str, values: Values) -> None:
        """Keep the result by one statement of SQL and drop the intent, both or neither."""
        with self._database.write() as transaction:
            self._term.check(transaction)
            transaction.execute(sql, values)
            transaction.execute("delete from meta where name = ?", (_PREFIX + name,))

    def _read(self, name: str) -> dict[str, Json] | None:
        row = self._database.row("select value from meta where name = ?", (_PREFIX + name,))
        return None if row is None else _object(parse(row[0], MAX_INTENT, name))

    def _store(self, name: str, request: Json, statement: Json) -> None:
        document = canonical({"request": request, "statement": statement})
        with self._database.write() as transaction:
            self._term.check(transaction)
            transaction.execute(
                "insert into meta values (?, ?) "
                "on conflict (name) do update set value = excluded.value",
                (_PREFIX + name, document),
            )


def stored_intent(database: Tables, name: str) -> bool:
    """Say whether something is under way under a name."""
    return database.row("select 1 from meta where name = ?", (_PREFIX + name,)) is not None


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Malformed("expected an object", "stored intent")
    return value
