"""Reading documents against the usual converters, on the same files in one run.

    python benchmarks/documents.py [--megabytes 1 3 10]

pandoc is measured as a process (its start is taken off, measured on an empty file), mammoth where
it can be imported. CPU seconds; the ratio is theirs to ours, so above 1 we are the faster.
``items`` is what finding the action items takes after that, which no converter does. At the end:
what ``minuteloop parse`` of one small file takes as a process, start-up and all.
"""

import argparse
import importlib.util
import io
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.docx import docx, p, tbl, tr  # noqa: E402

from mapping.values import Reading  # noqa: E402
from minuteloop import workdays  # noqa: E402
from minutes.document import Document  # noqa: E402
from minutes.extract import extract  # noqa: E402
from minutes.read import read_bytes  # noqa: E402

PARAGRAPH = "由技术部负责评估**离线下载**的开发工作量，[工作量表](https://example.com/a)6月13日前提交，运营部配合提供历史数据。"
SECTION = f"""## 议题 {{n}} 下半年安排

{PARAGRAPH}

- [ ] @孙立 修复后台返回闪退（8月8日前）
- [x] 林晓彤：更新版本说明 📅 2025-08-07
  - 何雨桐配合

1. 同意采用方案 `B{{n}}`
2. 其余暂缓

| 行动项 | 负责人 | 完成时间 |
| --- | --- | --- |
| 压测 {{n}} | 孙立 | 5月23日 |
| 对比表 | 何雨桐 | 下周一前 |

"""


def text_of(size: int) -> str:
    """Minutes of this many bytes."""
    section = len(SECTION.encode())
    return "# 会议纪要\n\n" + "".join(SECTION.format(n=n) for n in range(max(1, size // section)))


def table_of(size: int) -> str:
    """One Markdown table of this many bytes."""
    row = "| 完成编号的工作 | 张三 | 技术部 | 2024-05-06 | 报告 |\n"
    return "| 行动项 | 负责人 | 部门 | 时间 | 标准 |\n|---|---|---|---|---|\n" + row * (
        size // len(row.encode())
    )


def files() -> dict[str, tuple[str, bytes]]:
    """Name -> (kind, bytes)."""
    pages = "".join(
        p(f"议题 {n}", '<w:pStyle w:val="Heading2"/>') + p(PARAGRAPH) * 12 for n in range(200)
    )
    rows = tr("行动项", "负责人", "部门", "时间", "状态", "备注") + "".join(
        tr(f"工作 {n}", "张三", "技术部", "2024-05-06", "进行中", "无") for n in range(2000)
    )
    return {
        "text, 1 MB": ("gfm", text_of(1 << 20).encode()),
        "one table, 1 MB": ("gfm", table_of(1 << 20).encode()),
        "DOCX, about 100 pages": ("docx", docx(pages)),
        "DOCX, table 2,001 x 6": ("docx", docx(tbl(rows))),
    }


def best(work: Callable[[], object], times: int = 3) -> float:
    """CPU seconds of the quickest run, children included."""
    seconds = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = process_time()
        work()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        children = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        seconds.append(process_time() - start + children)
    return min(seconds)


def items_of(document: Document) -> Reading:
    """What its minutes say."""
    return extract(document, name="a", team=None, calendar=workdays.load("CN"))


def pandoc(kind: str, path: Path) -> None:
    subprocess.run(
        ["pandoc", "-f", kind, "-t", "plain", str(path), "-o", "/dev/null"], check=True, timeout=600
    )


def with_mammoth(data: bytes) -> None:
    import mammoth  # type: ignore[import-not-found]  # noqa: PLC0415

    mammoth.convert_to_html(io.BytesIO(data))


def compare() -> None:
    has_pandoc = shutil.which("pandoc") is not None
    has_mammoth = importlib.util.find_spec("mammoth") is not None
    titles = f"{'file':26}{'ours s':>8}{'items s':>9}"
    print(f"{titles}{'pandoc s':>10}{'ratio':>7}{'mammoth s':>11}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        empty = {"gfm": Path(folder, "empty.md"), "docx": Path(folder, "empty.docx")}
        empty["gfm"].write_text("")
        empty["docx"].write_bytes(docx(p("a")))
        for name, (kind, data) in files().items():
            suffix = ".docx" if kind == "docx" else ".md"
            path = Path(folder, f"file{suffix}")
            path.write_bytes(data)
            ours = best(partial(read_bytes, data, path.name))
            items = best(partial(items_of, read_bytes(data, path.name)), times=1)
            line = f"{name:26}{ours:8.2f}{items:9.2f}"
            if has_pandoc:
                start = best(partial(pandoc, kind, empty[kind]))
                theirs = best(partial(pandoc, kind, path)) - start
                line += f"{theirs:10.2f}{theirs / ours:7.1f}"
            if has_mammoth and kind == "docx":
                theirs = best(partial(with_mammoth, data), times=1)
                line += f"{theirs:11.2f}{theirs / ours:7.1f}"
            print(line)


def scale(megabytes: list[float]) -> None:
    print(f"\n{'text of':26}{'ours s':>8}{'s per MB':>10}{'peak MB':>9}")
    for size in megabytes:
        data = text_of(int(size * (1 << 20))).encode()
        seconds = best(partial(read_bytes, data, "a.md"), times=1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{f'{size:g} MB':26}{seconds:8.2f}{seconds / size:10.2f}{peak:9}")


def start() -> None:
    """Show what a run of ``parse`` takes for a page, the interpreter's start included."""
    print(f"\n{'parse of one page':30}{'ours s':>8}")
    program = [sys.executable, "-m", "minuteloop", "parse", "--json"]
    with tempfile.TemporaryDirectory() as folder:
        team = Path(folder, "team.toml")
        team.write_text('team = "产品部"\n[[people]]\nname = "孙立"\n', encoding="utf-8")
        for name, data in {"page.md": text_of(1).encode(), "page.docx": docx(p(PARAGRAPH))}.items():
            page = Path(folder, name)
            page.write_bytes(data)
            for options in ([], ["-c", str(team)]):
                words = [*program, *options, str(page)]
                run = partial(
                    subprocess.run, words, check=True, stdout=subprocess.DEVNULL, cwd=ROOT
                )
                title = f"{name}{', with a team file' if options else ''}"
                print(f"{title:30}{best(run, times=5):8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, nargs="*", default=[0.1, 1, 3, 10])
    options = parser.parse_args()
    items_of(read_bytes(text_of(1).encode(), "a.md"))  # imports
    read_bytes(docx(p("a")), "a.docx")
    compare()
    scale(options.megabytes)
    start()


if __name__ == "__main__":
    main()
