"""What Alembic runs to write the script of an upgrade; `schema.upgrade_script` asks for it."""

from alembic import context

context.configure(
    dialect_name=context.config.attributes["dialect"],
    transactional_ddl=False,  # whoever runs the script has begun a transaction
    output_buffer=context.config.output_buffer,
    literal_binds=True,
)
context.run_migrations()
