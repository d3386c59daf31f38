"""What a redaction does to the tables, in the transaction that commits it."""

from trust.core.signing.identity import status_key
from trust.core.signing.redaction import RedactionFacts
from trust.storage.ports import Transaction

DAY = 24 * 3600  # seconds that a network is counted for its quota
_TARGET = "select idx from targets where k = ? and idx < ?"
_FORGET = (
    "update joins set skeleton = '', request = ?, progress = ?, "
    "network = case when started > ? then network else '' end where scid = ?"
)


def redact(
    transaction: Transaction, k: bytes, facts: RedactionFacts, index: int, signed_at: int
) -> None:
    """Delete the private parts that a redaction of k at this index covers, and record it.

    With them goes what was made of them: the handle by which a person is found, and the stored
    request to join. Nothing else follows from a private part. Doing it again changes nothing.
    """
    target = transaction.row(_TARGET, (k, index))
    asked = transaction.row("select scid from erasures where id = ?", (facts.erasure,))
    if target is not None:
        _delete(transaction, "idx = ?", (target[0],))
        _forget_entry(transaction, target[0], signed_at)
    elif asked is not None and k == status_key("person", asked[0]):
        _delete(transaction, "scid = ? and idx < ?", (asked[0], index))
        _forget_handle(transaction, asked[0], index)
        _forget_request(transaction, asked[0], signed_at)
    transaction.execute(
        "insert into redactions values (?, ?, ?, ?)", (index, k, facts.erasure, signed_at)
    )


def _delete(transaction: Transaction, condition: str, values: tuple[object, ...]) -> None:
    """Delete the private parts of the entries that fulfil a condition of ours."""
    named = f"select private from entries where {condition} and private is not null"  # noqa: S608
    transaction.execute(
        f"insert into erased_parts select distinct private from ({named}) as named "  # noqa: S608
        "where true on conflict do nothing",
        values,
    )
    transaction.execute(f"delete from private_parts where digest in ({named})", values)  # noqa: S608


def _forget_entry(transaction: Transaction, index: int, signed_at: int) -> None:
    """Forget what was made of the private part of one entry: of a handle or profile."""
    person = transaction.row(
        "select scid from people where handled = ? or profile = ?", (index, index)
    )
    if person is not None:
        transaction.execute(
            "update people set handle = '', skeleton = '' where handled = ?", (index,)
        )
        _forget_request(transaction, person[0], signed_at)


def _forget_handle(transaction: Transaction, scid: str, index: int) -> None:
    transaction.execute(
        "update people set handle = '', skeleton = '' where scid = ? and handled < ?", (scid, index)
    )


def _forget_request(transaction: Transaction, scid: str, signed_at: int) -> None:
    """Empty the request with which a person joined; that they joined then is still counted."""
    transaction.execute(_FORGET, (b"", b"", signed_at - DAY, scid))
