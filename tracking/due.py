"""All notices whose reason holds now and whose period is now. Pure.

The same moment gives the same notices, however often it is asked: that each leaves once is the
outbox's business, by the notices' keys (failures 86, 87). Nothing here depends on when it was
asked before, so nothing is lost by a pass that did not run.
"""

from collections.abc import Callable, Iterator

from mapping.notices import Notice
from tracking import digests, escalation, meetings, reminders
from tracking.scene import Scene
from tracking.view import View

Rule = Callable[[View], Iterator[Notice]]

# In the order in which they are told.
RULES: tuple[tuple[str, Rule], ...] = (
    ("C1", meetings.late),
    ("B3", meetings.findings),
    ("C3", meetings.approval),
    ("C3", meetings.distribution),
    ("D2", reminders.due_soon),
    ("F4", reminders.daily),
    ("D6", reminders.overdue),
    ("F3", escalation.risk),
    ("D4", escalation.blocked),
    ("D5", reminders.reported),
    ("D5", reminders.refused),
    ("D4", digests.progress),
    ("D3", digests.weekly),
    ("E1", digests.review),
)


def due(scene: Scene) -> tuple[Notice, ...]:
    """Return all that is to be told at the moment of a scene, each key once."""
    view = View(scene)
    notices: dict[str, Notice] = {}
    for rule, find in RULES:
        if rule not in scene.rules.off:
            for notice in find(view):
                notices.setdefault(notice.key, notice)
    return tuple(notices.values())
