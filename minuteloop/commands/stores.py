"""What commands that look share: a team's store to read, and an item by its id. I/O."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from mapping import ids
from minuteloop.config import Config, TeamConfig
from minuteloop.errors import ConfigError
from minuteloop.team import open_store
from sync.store import StoreError
from sync.transaction import Transaction


@contextmanager
def reading(team: TeamConfig) -> Iterator[Transaction]:
    """Read a team's store; an empty one where there is none yet.

    Raises:
        StoreError: it cannot be opened.
    """
    store = open_store(team, make=False)
    try:
        with store.reading() as tx:
            yield tx
    finally:
        store.close()


@contextmanager
def told_plainly(team: TeamConfig) -> Iterator[None]:
    """End the command with what is wrong with a team's store."""
    try:
        yield
    except StoreError as error:
        raise SystemExit(_fail(f"{team.name}: {error}")) from None


def _fail(text: str) -> int:
    typer.echo(text, err=True)
    return 1


def find_item(loaded: Config, text: str) -> tuple[TeamConfig, str]:
    """Return the team and the id of the item that a command names.

    Raises:
        ConfigError: no team has such an item.
    """
    item_id = ids.parse(text)
    if item_id is None:
        raise ConfigError([f'"{text}" is no id of an item; it looks like ML-K7Q4F7K2C'])
    for team in loaded.teams:
        with told_plainly(team), reading(team) as tx:
            if item_id in tx.some_items([item_id]):
                return team, item_id
    raise ConfigError([f"there is no item {item_id}"])
