"""What Alembic runs for each command; the connection comes from ``upgrade``."""

from alembic import context

from headway.stores.sql.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
