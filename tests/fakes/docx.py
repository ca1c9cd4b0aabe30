"""Makes small DOCX files, part by part."""

import io
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KINDS = ("styles", "numbering", "comments", "footnotes", "endnotes", "header", "footer")


def run(text: str, look: str = "") -> str:
    """A run; ``look`` is what stands in its properties."""
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def p(inner: str, properties: str = "") -> str:
    """A paragraph of runs; plain text becomes one run."""
    inner = inner if inner.startswith("<") or not inner else run(inner)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def tc(inner: str, properties: str = "") -> str:
    """A cell; plain text becomes one paragraph."""
    inner = inner if inner.startswith("<") else p(inner)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    """A row; plain text becomes a cell."""
    made = "".join(cell if cell.startswith("<") else tc(cell) for cell in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{made}</w:tr>"


def tbl(*rows: str) -> str:
    """A table."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def sdt(inner: str, properties: str = "") -> str:
    """A content control."""
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


def style(name: str, title: str, inner: str = "", kind: str = "paragraph") -> str:
    """A style definition."""
    return f'<w:style w:type="{kind}" w:styleId="{name}"><w:name w:val="{title}"/>{inner}</w:style>'


def docx(
    body: str,
    *,
    parts: Mapping[str, str | bytes] | None = None,
    strict: bool = False,
    prolog: str = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
    encoding: str = "utf-8",
) -> bytes:
    """A DOCX file with this body.

    Args:
        body: what stands inside ``w:body``.
        parts: further parts. ``styles``, ``numbering``, ``comments``, ``footnotes``, ``header`` ...
            hold what stands inside their root; any other name is a path, its value whole.
        strict: written with the namespaces of ISO 29500 Strict.
        prolog: what stands before the root of the body's part.
        encoding: of the body's part.
    """
    roots = {"header": "hdr", "footer": "ftr"}
    members: dict[str, str | bytes] = {}
    relations = ""
    for number, (name, content) in enumerate((parts or {}).items()):
        if name not in _KINDS:
            members[name] = content
            continue
        assert isinstance(content, str)
        root = roots.get(name, name)
        members[f"word/{name}.xml"] = f"<w:{root} {NAMESPACES}>{content}</w:{root}>"
        relations += f'<Relationship Id="r{number}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
    members["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    )
    members["_rels/.rels"] = _relations(
        f'<Relationship Id="m" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    )
    members["word/_rels/document.xml.rels"] = _relations(relations)
    document = f"{prolog}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"
    members.setdefault("word/document.xml", document.encode(encoding))
    if strict:
        members = {name: _strict(content) for name, content in members.items()}
    return archive(members)


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def _relations(inner: str) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{inner}</Relationships>"
    )


def _strict(content: str | bytes) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    data = data.replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
    return data.replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
        b"http://purl.oclc.org/ooxml/officeDocument/",
    )
