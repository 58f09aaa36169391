"""Alembic environment: the migrations, run in the transaction that the runner has opened."""

from alembic import context

from bucketlist.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
