"""Notices: from the rules through the outbox to the channels. I/O.

A notice is written to the outbox, marked as leaving when its message goes on the wire, and sent
when the service's own answer says so. Killed between any two of these, the next pass goes on.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mapping.calendar import Calendar
from mapping.notices import Message, NoticeKind, NoticeState, Posted
from mapping.people import Directory
from mapping.said import Said
from minuteloop import templates
from minuteloop.channels import registry
from minuteloop.channels.base import Channel, ChannelError
from minuteloop.clock import SystemClock
from minuteloop.config import TeamConfig
from minuteloop.errors import fault_of_program
from minuteloop.scene import items_of, scene_of, with_rows
from minuteloop.sent_log import SentLog
from sync import outbox as rows_of
from sync.store import Store
from tracking import outbox
from tracking.due import due
from tracking.outbox import Bundle, Route
from tracking.scene import Scene, Tracked
from tracking.texts import render
from tracking.wording import Templates

log = logging.getLogger(__name__)

KEPT = timedelta(days=400)  # notices that are over
IN_A_ROW = 2  # failures of a channel after which it is left alone until the next pass


@dataclass
class _Pass:
    """What one pass over the outbox has come to.

    Attributes:
        wait: waits so many seconds, and says whether to go on then.
    """

    scene: Scene
    now: datetime
    wait: Callable[[float], bool]
    told: dict[tuple[str, str], Posted] = field(default_factory=dict)

    def tell(self, rows: Iterable[Posted]) -> None:
        for row in rows:
            self.told[row.key] = row


class Notifier:
    """A team's notices.

    Args:
        config: the team's.
        clock: its time.
        store: opened for the team; its lease is the caller's business.
        directory: its people.
        calendar: returns its working days.
        dry: say what would leave; nothing is sent.
    """

    def __init__(
        self,
        config: TeamConfig,
        clock: SystemClock,
        store: Store,
        directory: Directory,
        calendar: Callable[[], Calendar],
        *,
        dry: bool = False,
    ) -> None:
        self.config = config
        self.clock = clock
        self.store = store
        self.directory = directory
        self.calendar = calendar
        self.dry = dry
        self.channels: dict[str, Channel] = {}
        self.routes: list[Route] = []
        for settings in config.settings.channels:
            channel = registry.load(settings, clock)
            self.channels[channel.name] = channel
            self.routes.append(
                Route(
                    name=channel.name,
                    kinds=frozenset(NoticeKind(k) for k in settings.sends),
                    personal=channel.personal,
                    repeatable=channel.repeatable,
                )
            )
        self._sent = SentLog(config.state() / "sent.log")
        self._templates: Templates | None = None
        self._items: tuple[tuple[int, date], Mapping[str, Tracked]] | None = None
        self._tidied: date | None = None
        self.failed: set[str] = set()  # channels that did not work in the last pass
        self._faults: dict[str, set[str]] = {}  # by channel, what was logged since it last sent

    def scene(self) -> Scene:
        """Return the team as it stands; its items are gathered anew when the log has grown."""
        now, calendar = self.clock.now(), self.calendar()
        with self.store.reading() as tx:
            mark = (tx.last_seq(), now.date())
            if self._items is None or self._items[0] != mark:
                self._items = (mark, items_of(tx, now, calendar))
            items = self._items[1]
            return scene_of(self.config, tx, now, self.directory, calendar, items=items)

    def offer_again(self, channels: Collection[str]) -> None:
        """Let what these channels refused leave at once: they were set up anew."""
        with self.store.transaction() as tx:
            rows = [p for p in rows_of.posted(tx, ()).values() if p.channel in channels]
            rows_of.put_posted(tx, outbox.offered_again(rows))

    def run(self, wait: Callable[[float], bool] | None = None) -> list[Posted]:
        """Bring the outbox up to date and send what may leave.

        Args:
            wait: waits so many seconds, and says whether to go on then; what has not left by
                that time waits for the next pass.

        Returns:
            the rows that changed, and those that still wait.

        Raises:
            StoreError: the database cannot be used.
            LeaseLostError: another process works the team now.
        """
        scene = self.scene()
        self.failed.clear()
        this = _Pass(scene=scene, now=scene.now, wait=wait or self._sleep)
        self._reconcile(this)
        quiet = self.config.rules.quiet_hours
        waiting = outbox.ready(this.told.values(), this.now, quiet)
        if self.dry:
            unheard = [p for p in this.told.values() if not p.channel and p.state in rows_of.OPEN]
            return waiting + unheard
        if waiting:
            with self.store.reading() as tx:
                about = {item for p in waiting for item in p.notice.about}
                this.scene = with_rows(self.config, tx, scene, about)
        for name, channel in self.channels.items():
            mine = [p for p in waiting if p.channel == name]
            self._carry(this, channel, outbox.bundles(mine, self.routes, self.config.name))
        return list(this.told.values())

    def _reconcile(self, this: _Pass) -> None:
        notices = due(this.scene)
        with self.store.transaction() as tx:
            known = rows_of.posted(tx, {n.key for n in notices})
            on_wire = [key for key, p in known.items() if p.state is NoticeState.LEAVING]
            sent = self._sent.among(on_wire)
            broken = (
                [] if self.dry else outbox.interrupted(known.values(), self.routes, sent, this.now)
            )
            known |= {p.key: p for p in broken}
            unheard = [
                (n.key, r.name)
                for n in notices
                for r in self.routes
                if (row := known.get((n.key, r.name))) is None or row.state in outbox.UNHEARD
            ]
            changed = outbox.reconcile(
                notices,
                known,
                self.routes,
                this.now,
                sent=self._sent.among(unheard),
                used=rows_of.used(tx),
            )
            rows_of.put_posted(tx, [*broken, *changed])
            if self._tidied != this.now.date():
                rows_of.forget(tx, this.now - KEPT)
                self._tidied = this.now.date()
        for row in broken:
            if row.state is NoticeState.UNKNOWN:
                self._say(row, "was on its way when the process ended; it is not sent again")
        final = {p.key: p for p in (*broken, *changed)}
        this.tell(
            p
            for key, p in (known | final).items()
            if p.state in rows_of.OPEN or (key in final and p.state is not NoticeState.SENT)
        )

    def _carry(self, this: _Pass, channel: Channel, bundles: Sequence[Bundle]) -> None:
        """Send the messages of one channel; one that fails again and again is left alone.

        A channel that took none and refused some, if each for itself, has failed as well: an
        account that may send nothing is told so of each address.
        """
        failures = 0
        states: set[NoticeState] = set()
        queue = list(bundles)
        while queue and failures < IN_A_ROW:
            # before it counts as on the wire: killed meanwhile, it is known not to have left
            if not this.wait(channel.due_in()):
                return
            bundle = queue.pop(0)
            try:
                message, parts = self._composed(this, channel, bundle)
            except Exception as error:  # our own fault: this message fails, the others go on
                log.exception("fault of the program", extra={"channel": channel.name})
                text = self._text(fault_of_program(error))
                self._keep(this, outbox.refused(bundle, this.now, text))
                continue
            if message is not None:
                failures = 0 if self._send(this, channel, bundle, message) else failures + 1
                states |= {this.told[row.key].state for row in bundle.rows}
            queue[:0] = parts
        if failures or (NoticeState.FAILED in states and NoticeState.SENT not in states):
            self.failed.add(channel.name)

    def _composed(
        self, this: _Pass, channel: Channel, bundle: Bundle
    ) -> tuple[Message | None, list[Bundle]]:
        """Return a bundle's message; none where it reaches nobody, or is to leave in parts."""
        people = tuple(
            self.directory.people[n] for n in bundle.people if n in self.directory.people
        )
        why = channel.cannot_reach(people[0]) if channel.personal and people else None
        if why is not None or not people:
            text = self._text(why or _unknown(", ".join(bundle.people)))
            self._keep(this, outbox.unreachable(bundle, text), known=bundle.rows)
            return None, []
        title, sections = render(bundle.notices, this.scene, self.templates)
        message = Message(
            id=bundle.id,
            to=people,
            title=title,
            sections=sections,
            language=self.config.settings.language,
        )
        parts = outbox.halves(bundle) if channel.size(message) > channel.limit else []
        return (None, parts) if len(parts) > 1 else (message, [])

    def _send(self, this: _Pass, channel: Channel, bundle: Bundle, message: Message) -> bool:
        """Send one message; say whether the channel is well, be it that this one was refused."""
        keys = [p.key for p in bundle.rows]
        self._keep(this, outbox.leaving(bundle))
        self._sent.leaving(keys, bundle.id)
        now, well = this.now, False
        try:
            channel.send(message)
        except ChannelError as error:
            text = self._text(error.said)
            if error.left:
                repeatable = channel.repeatable
                rows = outbox.unanswered(bundle, now, text, repeatable=repeatable)
            else:
                well = error.alone
                self._refused(bundle)
                rows = outbox.refused(bundle, now, text, retry_after_s=error.retry_after_s)
        except Exception as error:  # our own fault: this message fails, the others go on
            log.exception("fault of the program", extra={"channel": channel.name})
            text = self._text(fault_of_program(error))
            self._refused(bundle)
            rows = outbox.refused(bundle, now, text)
        else:
            self._sent.taken(keys)
            self._keep(this, outbox.taken(bundle, now))
            log.info("sent", extra=self._about(bundle.rows, channel.name))
            if self._faults.pop(channel.name, None):
                log.info("recovered", extra={"team": self.config.name, "channel": channel.name})
            return True
        self._keep(this, rows)
        level = logging.WARNING if self._is_new(bundle, text, alone=well) else logging.DEBUG
        log.log(level, "not sent", extra={**self._about(rows, channel.name), "reason": text})
        for row in rows:
            if outbox.given_up(row, now):
                self._say(row, "is refused for days; it is tried once a day")
        return well

    def _refused(self, bundle: Bundle) -> None:
        """Note that a message did not leave; one that may have left before still may have."""
        if not bundle.rows[0].message:
            self._sent.refused(p.key for p in bundle.rows)

    def _is_new(self, bundle: Bundle, fault: str, *, alone: bool) -> bool:
        """Say whether a fault was not told before: of the notices, or of the channel at all."""
        is_new = any(p.error != fault for p in bundle.rows)
        if alone:
            return is_new
        told = self._faults.setdefault(bundle.channel, set())
        is_new = is_new and fault not in told
        told.add(fault)
        return is_new

    def _keep(self, this: _Pass, rows: Sequence[Posted], known: Sequence[Posted] = ()) -> None:
        """Write rows down, but for those that are ``known`` as they are."""
        changed = [p for p in rows if p not in known]
        if changed:
            with self.store.transaction() as tx:
                rows_of.put_posted(tx, changed)
        this.tell(rows)

    def _sleep(self, seconds: float) -> bool:
        if seconds > 0:
            self.clock.sleep(seconds)
        return True

    @property
    def templates(self) -> Templates:
        """The texts, the team's own before ours."""
        if self._templates is None:
            ours = templates.load(None, self.config.settings.language)
            self._templates = {**ours, **self.config.texts}
        return self._templates

    def _text(self, said: Said) -> str:
        return said.text(self.config.settings.language)

    def _about(self, rows: Sequence[Posted], channel: str) -> dict[str, object]:
        return {
            "team": self.config.name,
            "channel": channel,
            "rules": ",".join(sorted({p.notice.rule for p in rows})),
            "notices": len(rows),
        }

    def _say(self, row: Posted, what: str) -> None:
        about = self._about([row], row.channel)
        log.error("a notice %s", what, extra={**about, "to": row.notice.to})


def _unknown(who: str) -> Said:
    return Said(f"{who}：团队文件中没有此人", f"{who}: nobody of this name is in the team file")
