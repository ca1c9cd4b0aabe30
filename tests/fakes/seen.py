"""What a page shows of the program: recorded by a test, compared with what the page says.

A block of a page that is recorded stands below ``<!-- seen: NAME -->``. To write all anew:
MINUTELOOP_TRANSCRIPT=write pytest -n 0 and the test that shows it.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

_BLOCK = re.compile(r"(?ms)^(<!-- seen: (\S+) -->\n```\w+\n)(.*?)(^```$)")
_MASKS = (
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "TIME"),
    (r"(?<=, )20[23]\d-\d\d-\d\d(?=\])", "TODAY"),
    (r"\bML-\w{9}\b", "ML-ID"),
    (r"\b[PR]-[0-9a-f]{8,10}\b", "PASS"),
    (r"(?m)^ +\d+(?=  TIME)", "N"),
    (r"process \d+ on \S+", "process N on HOST"),
    (r"data \d+ \w+ old", "data old"),
    (r"calls=\d+", "calls=N"),
    (r"(?m) +$", ""),
)


def masked(text: str) -> list[str]:
    """Return the lines without what differs from run to run."""
    for pattern, mask in _MASKS:
        text = re.sub(pattern, mask, text)
    return text.strip().splitlines()


def check_page(page: Path, seen: Mapping[str, str]) -> None:
    """Check that a page shows what was seen, all of it and nothing else."""
    text = page.read_text(encoding="utf-8")
    if os.environ.get("MINUTELOOP_TRANSCRIPT") == "write":
        text = _BLOCK.sub(lambda m: m[1] + seen[m[2]].strip("\n") + "\n" + m[4], text)
        page.write_text(text, encoding="utf-8", newline="\n")
    shown = {m[2]: m[3] for m in _BLOCK.finditer(text)}
    assert shown.keys() == seen.keys()
    for name, block in shown.items():
        # workers run side by side: which line of two comes first differs from run to run
        assert sorted(masked(block)) == sorted(masked(seen[name])), name
