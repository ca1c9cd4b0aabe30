"""The command line: names, options and exit codes. What a command does lies in ``commands/``.

A command's module, and with it all that is heavy, is imported when the command runs.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from minuteloop import __version__
from minuteloop.errors import ConfigError

app = typer.Typer(
    name="minuteloop",
    help="Reads action items out of meeting minutes and keeps them in step with a team's tools.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Config = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        metavar="CONFIG",
        help="A team file or a folder of them; left out: $MINUTELOOP_CONFIG, ./minuteloop.toml,"
        " the platform's configuration folder.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON alone, UTF-8.")]


def _version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it so
    if wanted:
        typer.echo(f"minuteloop {__version__}")
        raise typer.Exit


@app.callback()
def main(
    *,
    _: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Take the options before a command."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f'found "{text}", must be a day such as 2024-05-20') from None


def _finish(run: Callable[[], int]) -> NoReturn:
    """End the program with a command's exit code; 2 where the configuration cannot be used."""
    try:
        code = run()
    except ConfigError as error:
        typer.echo(error, err=True)
        code = 2
    raise typer.Exit(code)


@app.command()
def check(
    *,
    config: Config = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Make what is missing, where rights allow.")
    ] = False,
    send_test: Annotated[
        bool, typer.Option("--send-test", help="Send one test message by each channel.")
    ] = False,
) -> None:
    """Look at all that a pass needs; say what is wrong and how to mend it."""
    from minuteloop.commands import check as command  # noqa: PLC0415

    _finish(lambda: command.run(config, prepare=prepare, send_test=send_test))


@app.command()
def parse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)],
    *,
    json: Json = False,
    day: Annotated[
        date | None,
        typer.Option(
            "--date",
            parser=_day,
            metavar="YYYY-MM-DD",
            help="The meeting's day, where neither the text nor the file's name tells it.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "-c",
            "--config",
            metavar="CONFIG",
            help="The team whose people and calendar count; left out: nobody is unknown, CN.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what would be read from documents; store nothing."""
    from minuteloop.commands import parse as command  # noqa: PLC0415

    _finish(lambda: command.run(files, as_json=json, day=day, config=config))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)] = Path(),
    *,
    team: Annotated[str | None, typer.Option(metavar="NAME", help="The team's name.")] = None,
    language: Annotated[
        str | None, typer.Option(metavar="zh|en", help="Of notices and columns: zh, en.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="E.g. Asia/Shanghai.")
    ] = None,
    calendar: Annotated[
        str | None, typer.Option(metavar="CODE", help="Working days: a country code.")
    ] = None,
    workbook: Annotated[
        str | None, typer.Option(metavar="FILE", help="The Excel workbook of the items.")
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Somebody of the team; may be given again."),
    ] = None,
) -> None:
    """Write a team file; ask on a terminal for what no option tells."""
    from minuteloop.commands import init as command  # noqa: PLC0415

    answers = command.Answers(
        team=team,
        language=language,
        timezone=timezone,
        calendar=calendar,
        workbook=workbook,
        people=tuple(person or ()),
    )
    _finish(lambda: command.run(folder, answers))


@app.command()
def demo(
    *,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="The folder to make; left out: ./minuteloop-demo.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run the whole loop on a small team folder; needs no account and no network."""
    from minuteloop.commands import demo as command  # noqa: PLC0415

    _finish(lambda: command.run(folder))


Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="The time of all that is decided, e.g. 2024-05-25T09:00; left out: the machine's.",
        show_default=False,
    ),
]


@app.command()
def once(*, config: Config = None, now: Now = None, json: Json = False) -> None:
    """Make one full pass: read the inbox, sync every tracker, apply the rules."""
    from minuteloop.commands import passes as command  # noqa: PLC0415

    _finish(lambda: command.once(config, now=now, as_json=json))


@app.command()
def plan(*, config: Config = None, now: Now = None, json: Json = False) -> None:
    """Show what the next pass would do; change nothing anywhere."""
    from minuteloop.commands import passes as command  # noqa: PLC0415

    _finish(lambda: command.plan(config, now=now, as_json=json))


@app.command()
def run(*, config: Config = None) -> None:
    """Run the service: watch the inbox, sync, apply the rules, until it is told to end."""
    from minuteloop.daemon import Service  # noqa: PLC0415

    _finish(lambda: Service(config).run())


@app.command()
def status(*, config: Config = None, json: Json = False) -> None:
    """Show the health of every team: trackers, the age of their data, what waits, findings."""
    from minuteloop.commands import status as command  # noqa: PLC0415

    _finish(lambda: command.run(config, as_json=json))


@app.command()
def items(
    *,
    config: Config = None,
    json: Json = False,
    status: Annotated[
        str | None,
        typer.Option(metavar="S", help="in-progress, done, late or blocked.", show_default=False),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="P", help="Of this person.", show_default=False)
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Past their due day.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
) -> None:
    """Show the items as the store holds them."""
    from minuteloop.commands import items as command  # noqa: PLC0415

    _finish(
        lambda: command.run(
            config,
            as_json=json,
            status=status,
            owner=owner,
            overdue=overdue,
            everything=everything,
        )
    )


ItemId = Annotated[str, typer.Argument(metavar="ID", help="As in ML-K7Q4F7K2C.")]


@app.command()
def history(item: ItemId, *, config: Config = None, json: Json = False) -> None:
    """Show who changed an item: what, where, when and why; losers of conflicts included."""
    from minuteloop.commands import history as command  # noqa: PLC0415

    _finish(lambda: command.run(config, item, as_json=json))


@app.command()
def close(
    item: ItemId,
    *,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the log.")],
    config: Config = None,
    now: Now = None,
) -> None:
    """Close an item that will not be done; the next pass carries it out."""
    from minuteloop.commands import decide as command  # noqa: PLC0415

    _finish(lambda: command.close(config, item, why=why, now=now))


@app.command()
def verify(
    item: ItemId,
    *,
    refuse: Annotated[
        str | None, typer.Option("--refuse", metavar="REASON", help="Send it back to the owner.")
    ] = None,
    config: Config = None,
    now: Now = None,
) -> None:
    """Accept a reported completion, or refuse it with a reason (D5)."""
    from minuteloop.commands import decide as command  # noqa: PLC0415

    _finish(lambda: command.verify(config, item, refuse=refuse, now=now))


@app.command()
def approve(
    meeting: Annotated[
        str, typer.Argument(metavar="MEETING", help="Its id, its title or its file's name.")
    ],
    *,
    refuse: Annotated[
        str | None, typer.Option("--refuse", metavar="REASON", help="Send it back to be mended.")
    ] = None,
    config: Config = None,
    now: Now = None,
) -> None:
    """Approve minutes as their host, or refuse them with a reason (C3)."""
    from minuteloop.commands import decide as command  # noqa: PLC0415

    _finish(lambda: command.approve(config, meeting, refuse=refuse, now=now))


@app.command()
def accept(item: ItemId, *, config: Config = None, now: Now = None) -> None:
    """Take a possible item over; the next pass makes it an item."""
    from minuteloop.commands import decide as command  # noqa: PLC0415

    _finish(lambda: command.accept(config, item, now=now))


@app.command()
def undo(
    change: Annotated[
        str,
        typer.Argument(
            metavar="CHANGE", help="A number of the log, pass:R-… or actor:NAME; see history."
        ),
    ],
    *,
    config: Config = None,
    now: Now = None,
) -> None:
    """Take a change, a pass or a person's changes back, out to the trackers too."""
    from minuteloop.commands import decide as command  # noqa: PLC0415

    _finish(lambda: command.undo(config, change, now=now))


@app.command()
def forecast(
    *,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=366, help="How far.")] = 7,
    config: Config = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Show what the rules would send in the next days if nobody did anything."""
    from minuteloop.commands import forecast as command  # noqa: PLC0415

    _finish(lambda: command.run(config, days=days, now=now, as_json=json))


@app.command()
def agenda(
    *,
    meeting: Annotated[
        str | None,
        typer.Option(
            "--meeting",
            metavar="TITLE",
            help="Of this meeting's series; left out: all open items of the team.",
            show_default=False,
        ),
    ] = None,
    docx: Annotated[
        Path | None,
        typer.Option("--docx", metavar="FILE", help="Write it as DOCX too.", show_default=False),
    ] = None,
    config: Config = None,
    now: Now = None,
) -> None:
    """Show the agenda of the next meeting, with the items that are carried into it (D4, D6)."""
    from minuteloop.commands import agenda as command  # noqa: PLC0415

    _finish(lambda: command.run(config, meeting=meeting, file=docx, now=now))


@app.command()
def review(
    *,
    quarter: Annotated[
        str | None,
        typer.Option("--quarter", metavar="2024Q2", help="This quarter.", show_default=False),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="D", help="From this day on.", show_default=False),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="D", help="Until this day; left out: today.", show_default=False
        ),
    ] = None,
    json: Json = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page too.", show_default=False),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option("--markdown", metavar="FILE", help="Write Markdown too.", show_default=False),
    ] = None,
    config: Config = None,
    now: Now = None,
) -> None:
    """Show how a quarter's items and meetings went, and what that proposes (E1, E2).

    Without a span: the quarter past in the first two weeks of a quarter, else the present one.
    """
    from minuteloop.commands import review as command  # noqa: PLC0415

    span = command.Span(quarter, first, last)
    _finish(
        lambda: command.run(config, span=span, as_json=json, html=html, markdown=markdown, now=now)
    )


@app.command()
def retention(
    *,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete these files; items and log stay.")
    ] = False,
    config: Config = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Show the archived minutes that are older than they are kept (F6)."""
    from minuteloop.commands import retention as command  # noqa: PLC0415

    _finish(lambda: command.run(config, now=now, as_json=json, remove=delete))


@app.command()
def release(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="Its id, as status shows it.")],
    *,
    config: Config = None,
) -> None:
    """Let a halted plan through, if what it was bound to still stands."""
    from minuteloop.commands import decide as command  # noqa: PLC0415

    _finish(lambda: command.release(config, plan))
