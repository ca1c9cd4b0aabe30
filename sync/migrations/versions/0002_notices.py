"""Notices, drafts that wait for the host, and when minutes were first seen."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("documents", sa.Column("seen_at", sa.Text, nullable=False, server_default=""))
    op.add_column("documents", sa.Column("tally", sa.Text, nullable=False, server_default="{}"))
    op.add_column("documents", sa.Column("approved", sa.Text))
    op.execute("UPDATE documents SET seen_at = read_at")
    op.create_table(
        "drafts",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("first_at", sa.Text, nullable=False),
        sa.Column("tries", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("sent_at", sa.Text),
    )
    op.create_index("changes_by_kind", "changes", ["team", "kind", "at"])
    op.create_index("notices_by_state", "notices", ["team", "state"])
