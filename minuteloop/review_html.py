"""A review as a plain page: one file, no scripts, light and dark, fit for printing. Pure."""

from collections.abc import Iterable, Sequence
from html import escape

from tracking.report import Block, Report

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --edge: #d5dae1; --page: #fff;
  --row: #f4f6f8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #9aa5b4; --edge: #39424e; --page: #14181d; --row: #1c222a } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 4rem; color: var(--ink);
  background: var(--page); font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { font-size: 1.6rem; line-height: 1.3; margin: 0 0 1.5rem }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--edge) }
p { margin: .4rem 0 }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem;
  border-bottom: 1px solid var(--edge); overflow-wrap: anywhere }
th { color: var(--soft); font-weight: 600 }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tbody tr:nth-child(even) { background: var(--row) }
@media print {
  :root { --ink: #000; --soft: #333; --edge: #999; --page: #fff; --row: #fff }
  body { max-width: none; padding: 0; font-size: 11pt }
  h2 { break-after: avoid } tr { break-inside: avoid } .wide { overflow: visible } }
"""


def page(reports: Sequence[Report]) -> str:
    """Return a page with one review, or with those of several teams."""
    first = reports[0]
    language = "zh-CN" if first.language == "zh" else "en"
    body = "\n".join(_report(report) for report in reports)
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(first.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _report(report: Report) -> str:
    blocks = "\n".join(map(_block, report.blocks))
    return f"<article>\n<h1>{escape(report.title)}</h1>\n{blocks}\n</article>"


def _block(block: Block) -> str:
    lines = "\n".join(f"<p>{escape(text)}</p>" for text in block.lines)
    table = _table(block.table) if block.table else ""
    return f"<section>\n<h2>{escape(block.title)}</h2>\n{lines}\n{table}\n</section>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    numbers = [all(row[n][:1].isdigit() for row in body) and bool(body) for n in range(len(head))]
    inner = "\n".join(_row(row, "td", numbers) for row in body)
    return (
        f'<div class="wide"><table>\n<thead>{_row(head, "th", numbers)}</thead>\n'
        f"<tbody>\n{inner}\n</tbody></table></div>"
    )


def _row(cells: Iterable[str], tag: str, numbers: Sequence[bool]) -> str:
    looks = (' class="n"' if is_number else "" for is_number in numbers)
    made = (f"<{tag}{look}>{escape(c)}</{tag}>" for c, look in zip(cells, looks, strict=True))
    return f"<tr>{''.join(made)}</tr>"
