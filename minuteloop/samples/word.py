"""Makes a Word document of a few lines of Markdown: headings, paragraphs, lists, tables. Pure."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import escape

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FONTS = '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Microsoft YaHei"/>'
_EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="8A94A0"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_STYLES = f"""<w:styles xmlns:w="{_W}">
<w:docDefaults><w:rPrDefault><w:rPr>{_FONTS}<w:sz w:val="21"/></w:rPr></w:rPrDefault>
<w:pPrDefault><w:pPr><w:spacing w:after="80"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>
<w:pPr><w:jc w:val="center"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>
<w:basedOn w:val="Normal"/><w:pPr><w:spacing w:before="200"/><w:outlineLvl w:val="0"/></w:pPr>
<w:rPr><w:b/><w:sz w:val="26"/></w:rPr></w:style>
<w:style w:type="table" w:styleId="Grid"><w:name w:val="Table Grid"/>
<w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders></w:tblPr></w:style>
</w:styles>"""
_RULES = f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_TYPE}.styles+xml"/>
</Types>"""


def docx(text: str) -> bytes:
    """Return a document; a line with ``#`` is its title, ``##`` a heading, ``|`` a table's row."""
    body = "".join(_blocks(line.strip() for line in text.splitlines()))
    parts = {
        "[Content_Types].xml": _RULES,
        "_rels/.rels": _relation("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": _relation("styles", "styles.xml"),
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": _STYLES,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, _HEAD + content)
    return out.getvalue()


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    for is_table, group in groupby(lines, lambda line: line.startswith("|")):
        if is_table:
            yield _table(list(group))
            continue
        for line in filter(None, group):
            mark, _, rest = line.partition(" ")
            style = {"#": "Title", "##": "Heading1"}.get(mark)
            yield _paragraph(rest, style) if style else _paragraph(line)


def _paragraph(text: str, style: str = "", *, bold: bool = False) -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    run = "<w:rPr><w:b/></w:rPr>" if bold else ""
    words = f'<w:t xml:space="preserve">{escape(text)}</w:t>'
    return f"<w:p>{look}<w:r>{run}{words}</w:r></w:p>"


def _table(lines: list[str]) -> str:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows = [cells[0], *cells[2:]]  # the second line only parts the header from the rest
    width = 9000 // len(rows[0])
    columns = f'<w:gridCol w:w="{width}"/>' * len(rows[0])
    made = "".join(_row(row, width, header=n == 0) for n, row in enumerate(rows))
    look = '<w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
    return f"<w:tbl>{look}<w:tblGrid>{columns}</w:tblGrid>{made}</w:tbl>"


def _row(cells: Iterable[str], width: int, *, header: bool) -> str:
    look = "<w:trPr><w:tblHeader/></w:trPr>" if header else ""
    size = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
    made = "".join(f"<w:tc>{size}{_paragraph(c, bold=header)}</w:tc>" for c in cells)
    return f"<w:tr>{look}{made}</w:tr>"
