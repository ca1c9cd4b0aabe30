"""XML as bytes with places: trees of small parts, and the scan of a sheet's rows. Pure.

expat tells for each element the byte where it begins; everything that is changed later is cut out
and put in at such places, and no byte between them is touched. Document types are refused: a
workbook has none, and entities are a way to attack.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from mapping.said import Said

_TAG = re.compile(rb"<[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*>")
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


class XmlError(ValueError):
    """A part is no XML that a workbook may hold; ``said`` tells why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said = Said(zh, en)


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes ``start`` to ``end`` of a part become ``new``; with ``start == end`` it is put in."""

    start: int
    end: int
    new: bytes


@dataclass(slots=True)
class Node:
    """An element: its name without prefix, and where it stands.

    Attributes:
        start: the byte of its ``<``.
        inside: the byte after its start tag.
        close: the byte where its end tag begins (``end`` if it has none of its own).
        end: the byte after it.
    """

    name: str
    prefix: str
    attrs: Mapping[str, str]
    start: int
    inside: int
    close: int = 0
    end: int = 0
    children: list["Node"] = field(default_factory=list)
    text: str = ""

    @property
    def empty(self) -> bool:
        """It is written as ``<name/>``."""
        return self.inside == self.end

    def get(self, name: str) -> "Node | None":
        """Return the first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator["Node"]:
        """Return this element and all in it, in their order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def attr(self, name: str) -> str | None:
        """Return an attribute by its name without prefix."""
        found = self.attrs.get(name)
        if found is not None:
            return found
        return next((v for k, v in self.attrs.items() if k.rpartition(":")[2] == name), None)


def splice(xml: bytes, splices: Iterable[Splice]) -> bytes:
    """Carry out splices; two at one place are put in in the order given."""
    out: list[bytes] = []
    at = 0
    for one in sorted(splices, key=lambda s: (s.start, s.end)):
        if one.start < at:
            raise ValueError("two changes of one place")
        out += (xml[at : one.start], one.new)
        at = one.end
    out.append(xml[at:])
    return b"".join(out)


def tag_end(xml: bytes, start: int) -> int:
    """Return the byte after the tag that begins at ``start``."""
    match = _TAG.match(xml, start)
    if match is None:
        raise XmlError("有一个标签没有结束", "a tag does not end")
    return match.end()


def element_end(xml: bytes, start: int, stop: int) -> int:
    """Return the byte after an element, from its start and where expat saw its end."""
    inside = tag_end(xml, start)
    return inside if xml[inside - 2 : inside] == b"/>" else xml.index(b">", stop) + 1


def guarded() -> expat.XMLParserType:
    """Return a parser that refuses document types and every encoding but UTF-8."""
    parser = expat.ParserCreate()

    def declared(_: str, encoding: str | None, __: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "utf8", "us-ascii"}:
            raise XmlError(f"编码是 {encoding}", f"it is written in {encoding}")

    def doctype(*_: object) -> None:
        raise XmlError("含有文档类型声明", "it has a document type")

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = doctype
    parser.buffer_text = True
    return parser


def feed(parser: expat.XMLParserType, xml: bytes) -> None:
    """Parse a part.

    Raises:
        XmlError: it is not well-formed, has a document type or is not UTF-8.
    """
    if xml[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in xml[:4]:
        raise XmlError("编码不是 UTF-8", "it is not written in UTF-8")
    try:
        parser.Parse(xml, True)  # noqa: FBT003  # expat takes it so
    except expat.ExpatError as error:
        raise XmlError(str(error), str(error)) from None


def tree(xml: bytes, *, depth: int = 64) -> Node:
    """Return a part as a tree.

    Raises:
        XmlError: as ``feed``, or it is nested deeper than ``depth``.
    """
    top = Node("", "", {}, 0, 0)
    stack = [top]
    parser = guarded()

    def start(name: str, attrs: dict[str, str]) -> None:
        if len(stack) > depth:
            raise XmlError("嵌套层次太深", "it is nested too deep")
        at = parser.CurrentByteIndex
        prefix, _, local = name.rpartition(":")
        node = Node(local, prefix + ":" if prefix else "", attrs, at, tag_end(xml, at))
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        node = stack.pop()
        if xml[node.inside - 2 : node.inside] == b"/>":
            node.close = node.end = node.inside
        else:
            node.close = parser.CurrentByteIndex
            node.end = xml.index(b">", node.close) + 1

    def text(data: str) -> None:
        stack[-1].text += data

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    feed(parser, xml)
    return top.children[0]


def attribute(value: str) -> str:
    """Return a value as it stands between double quotes in a tag."""
    return escape(value, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def start_tag(name: str, attrs: Mapping[str, str], *, empty: bool = False) -> str:
    """Return a start tag, attributes in their order."""
    inner = "".join(f' {key}="{attribute(value)}"' for key, value in attrs.items())
    return f"<{name}{inner}{'/' if empty else ''}>"


def set_attrs(xml: bytes, node: Node, attrs: Mapping[str, str | None]) -> Splice:
    """Return the splice that sets attributes of an element (None: takes one away)."""
    new = {k: v for k, v in ({**node.attrs, **attrs}).items() if v is not None}
    empty = xml[node.inside - 2 : node.inside] == b"/>"
    text = start_tag(node.prefix + node.name, new, empty=empty)
    return Splice(node.start, node.inside, text.encode())


def printable(text: str) -> str:
    """Take out what XML cannot hold."""
    return _BAD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def content(text: str) -> str:
    """Return a text as a cell holds it: ``_x000D_`` is one sign there, so a real one is escaped."""
    return escape(_ESCAPED.sub("_x005F_", printable(text)))


def join(parts: Sequence[str]) -> bytes:
    """Return parts as UTF-8."""
    return "".join(parts).encode()
