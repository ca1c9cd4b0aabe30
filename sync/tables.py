"""The tables of the store. All rows belong to a team; JSON is text, so that any database does."""

import sqlalchemy as sa

metadata = sa.MetaData()


def _table(name: str, *columns: sa.Column[object]) -> sa.Table:
    return sa.Table(name, metadata, *columns)


def _key(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str, *, null: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.BigInteger, nullable=False, default=0)


items = _table(
    "items",
    _key("team"),
    _key("id"),
    _number("born"),  # seq of its first line in the log: rows are made in this order
    _number("rev"),  # seq of its last change; a link whose rev is smaller is behind
    _number("is_open"),
    _text("due", null=True),
    _text("data"),
    _text("origins"),  # by field, where its value came from
)
sa.Index("items_by_due", items.c.team, items.c.is_open, items.c.due)
sa.Index("items_by_rev", items.c.team, items.c.id, items.c.rev, items.c.is_open, items.c.born)
changes = _table(
    "changes",  # append-only
    sa.Column(
        "seq",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    _text("team"),
    _text("at"),
    _text("item", null=True),
    _text("kind"),
    _text("field", null=True),
    _text("old", null=True),
    _text("new", null=True),
    _text("place"),
    _text("actor", null=True),
    _text("why"),
    _text("run"),  # of which pass
)
sa.Index("changes_by_item", changes.c.team, changes.c.item)
sa.Index("changes_by_kind", changes.c.team, changes.c.kind, changes.c.at)
documents = _table(
    "documents",
    _key("team"),
    _key("key"),  # what tells the same minutes again
    _text("file"),
    _text("digest"),
    _text("series", null=True),
    _text("start", null=True),
    _text("meeting"),
    _text("read_at"),
    _number("seq"),  # of the log when it was read: the order, whatever the time
    _text("seen_at"),  # when its first version was there
    _text("tally"),  # what was read: {"items": 3, "topics": 4, "due-vague": 1 ...}
    _text("approved", null=True),  # by whom and when (C3)
)
drafts = _table(
    "drafts",  # minutes that wait for the host, and what the host said of these very bytes
    _key("team"),
    _key("key"),
    _text("file"),
    _text("digest"),
    _text("state"),  # waiting, approved, refused
    _text("asked_at"),
    _text("seen_at"),
    _text("data"),
)
notices = _table(
    "notices",  # the outbox: one row for each notice and channel
    _key("team"),
    _key("key"),
    _key("channel"),  # empty where no channel carries it
    _text("state"),
    _text("data"),
    _text("first_at"),
    _number("tries"),
    _text("next_at", null=True),
    _text("error", null=True),
    _text("message", null=True),  # the id under which it left, or may have
    _text("sent_at", null=True),
)
sa.Index("notices_by_state", notices.c.team, notices.c.state)
mentions = _table(
    "mentions",
    _key("team"),
    _key("document"),
    _key("item"),
    _number("place"),
    _text("told"),
    _text("source"),
)
candidates = _table(
    "candidates",  # what may be an item: taken over by a person, or by nobody
    _key("team"),
    _key("id"),  # the id that the item would have
    _text("document"),
    _number("place"),
    _text("entry"),
)
sa.Index(
    "mentions_by_place", mentions.c.team, mentions.c.document, mentions.c.place, mentions.c.item
)
sa.Index("mentions_by_item", mentions.c.team, mentions.c.item)
links = _table(
    "links",
    _key("team"),
    _key("tracker"),
    _key("item"),
    _text("row_id"),
    _text("state"),
    _text("version", null=True),
    _text("link", null=True),
    _text("label"),
    _number("rev"),
    _number("parked"),  # rev of the item that the tool refused
    _number("naming"),  # the id does not stand in the row yet
    _text("base"),
)
history = _table(
    "history",  # of whole files: a base as it was before state `seq`
    _key("team"),
    _key("tracker"),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    _key("item"),
    _text("base", null=True),
)
states = _table(
    "states",  # of whole files: which bytes showed which state
    _key("team"),
    _key("tracker"),
    _key("digest"),
    _number("seq"),
)
trackers = _table(
    "trackers",
    _key("team"),
    _key("name"),
    _text("data"),
)
intents = _table(
    "intents",
    _key("token"),
    _text("team"),
    _text("tracker"),
    _text("item"),
    _text("kind"),
    _text(
        "state"
    ),  # open until its outcome is recorded; lost once it was sent anew; past (see lag)
    _text("at"),
    _text("data"),
    _number("seq"),
)
sa.Index("intents_by_tracker", intents.c.team, intents.c.tracker, intents.c.state)
findings = _table(
    "findings",
    _key("team"),
    _key("source"),  # document:KEY, tracker:NAME, file:NAME, inbox
    _key("about"),  # what it is about there; the same finding again is the same row
    _text("data"),
    _text("first_at"),
)
requests = _table(
    "requests",
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    _text("team"),
    _text("at"),
    _text("verb"),
    _text("target"),
    _text("args"),
    _text("result", null=True),
)
leases = _table(
    "leases",
    _key("team"),
    _number("fence"),
    _text("holder", null=True),
    _text("data"),
    _text("until"),
)
