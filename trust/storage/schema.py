"""Making a database's tables, or bringing an older database up to date.

An empty database gets the tables as the models have them; an older one is changed step by step, by
the files in `migrations`. Both ways lead to the same schema, and each runs in one transaction.
"""

import io
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from trust.core.errors import Conflict
from trust.storage.ports import Transaction
from trust.storage.tables import VERSION, schema

_FIRST: Final = "0001"  # of databases that were made before versions were kept
_VERSION_TABLE: Final = (
    "create table alembic_version (version_num varchar(32) not null, "
    "constraint alembic_version_pkc primary key (version_num))"
)
_DIALECTS: Final = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}
_TABLES: Final = {
    "sqlite": "select name from sqlite_master where type = 'table'",
    "postgresql": "select tablename from pg_tables where schemaname = current_schema()",
}


def bring_up_to_date(transaction: Transaction, database: str) -> None:
    """Make or change the tables of `sqlite` or `postgresql`, unless they are as they should be.

    Raises:
        Conflict: the database is of a newer version than this program.
    """
    tables = {name for (name,) in transaction.rows(_TABLES[database])}
    if "alembic_version" in tables:
        (version,) = transaction.row("select version_num from alembic_version")
    else:
        version = _FIRST if "meta" in tables else None
        transaction.execute(_VERSION_TABLE)
        transaction.execute("insert into alembic_version values (?)", (version or VERSION,))
    if version is None:
        for statement in _schema(database):
            transaction.execute(statement)
    elif version > VERSION:
        raise Conflict(
            f"the database is of version {version}, and this program knows {VERSION}: "
            "use the program that it was last used with, or a newer one"
        )
    elif version != VERSION:
        for statement in upgrade_script(database, version):
            transaction.execute(statement)


def upgrade_script(database: str, version: str) -> list[str]:
    """Return the statements that lead from a version (`base`: from nothing) to the newest."""
    from alembic import command  # noqa: PLC0415 - rarely needed, and slow to import
    from alembic.config import Config  # noqa: PLC0415

    script = io.StringIO()
    config = Config(output_buffer=script)
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["dialect"] = database
    command.upgrade(config, f"{version}:head", sql=True)
    statements = (part.strip() for part in script.getvalue().split(";\n"))
    return [part for part in statements if part]


def _schema(database: str) -> list[str]:
    return schema(make_url(_DIALECTS[database]).get_dialect()())
