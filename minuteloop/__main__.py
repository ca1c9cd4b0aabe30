"""Where the program starts: ``minuteloop`` and ``python -m minuteloop``."""

import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


def main() -> None:
    """Run the program; what it prints is UTF-8 whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a lone surrogate, as in a file name that is no UTF-8, becomes \udcXX: fit for JSON too
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # a start makes many objects and drops few: looking for garbage would be a tenth of it
    gc.set_threshold(50_000)
    try:
        files = files_to_parse(sys.argv[1:])
        if files and os.name != "nt":  # there the library also expands names with *
            _parse(files, as_json="--json" in sys.argv)
        from minuteloop.cli import app  # noqa: PLC0415  # after the streams are right

        app(prog_name="minuteloop")
    except BrokenPipeError:  # the reader went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def files_to_parse(words: Sequence[str]) -> list[Path]:
    """Return the files of ``parse [--json] FILE...``, none where anything else is asked for.

    The command line's own library takes longer to load than a page takes to read, and this is
    what scripts call for each file.
    """
    if words[:1] != ["parse"]:
        return []
    files = [word for word in words[1:] if word != "--json"]
    return [] if any(file.startswith("-") for file in files) else [Path(file) for file in files]


def _parse(files: list[Path], *, as_json: bool) -> NoReturn:
    from minuteloop.commands import parse  # noqa: PLC0415

    try:
        code = parse.run(files, as_json=as_json, day=None, config=None)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
