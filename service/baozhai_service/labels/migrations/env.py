"""Entry point of Alembic: migrate over the connection that `LabelDatabase` passes."""

from alembic import context

from baozhai_service.labels.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
