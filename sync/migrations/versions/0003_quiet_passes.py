"""What a pass asks each time is found without reading items as a whole."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_index("items_by_due", "items", ["team", "is_open", "due"])
    op.create_index("mentions_by_place", "mentions", ["team", "document", "place", "item"])
    op.create_index("items_by_rev", "items", ["team", "id", "rev", "is_open", "born"])
