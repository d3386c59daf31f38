"""What the columns and tables of all models have in common."""

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator, TypeEngine

STRICT = {"sqlite_strict": True}
PLAIN_KEY = {**STRICT, "sqlite_with_rowid": False}  # the key is the place of the row


class Whole(TypeDecorator[int]):
    """A whole number of 64 bits, which is what SQLite calls an integer."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        """Return the type of a database."""
        return Integer() if dialect.name == "sqlite" else BigInteger()
