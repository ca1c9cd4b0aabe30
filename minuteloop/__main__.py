"""Where the program starts: ``minuteloop`` and ``python -m minuteloop``."""

import gc
import io
import os
import sys


def main() -> None:
    """Run the program; what it prints is UTF-8 whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a lone surrogate, as in a file name that is no UTF-8, becomes \udcXX: fit for JSON too
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # starting makes many objects and drops few: looking for garbage is a tenth of the start
    gc.set_threshold(50_000)
    from minuteloop.cli import app  # noqa: PLC0415  # after the streams are right

    try:
        app(prog_name="minuteloop")
    except BrokenPipeError:  # the reader went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
