"""Telling the encoding of a text file."""

import pytest

from minutes.document import RefusedError
from minutes.encodings import decode

HANS = (
    "会议纪要",
    "负责人：张三",
    "负责",
    "行动项描述｜负责人｜计划完成时间\n更换温控器２０只｜徐志强｜７月１０日前\n",
    "Weekly sync\n\nOwner: 张三\nDue: 2025-09-05, the rest in English as usual.\n",
    "一、会议目标\n　　确认一期范围，排定前两个月的工作。\n",
    "《退款投诉处理流程》由客服部牵头，运营部配合；“分级响应”时限另定。",
)
HANT = (
    "會議紀錄",
    "負責人：許志豪",
    "負責",
    "行動項目｜負責人｜預計完成日\n撰寫教育訓練教材｜張雅婷｜下週五前\n",
    "一、會議目標\n　　確認點數折抵規則，排定客服教育訓練。\n",
    "時間：2025/10/15（三）10:00–11:00\n地點：9樓 小會議室\n".replace("–", "-"),
)


# Without a mark, and without a blank or a line end, nothing tells UTF-16.
UNICODE = [
    (encoding, text)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
    for text in HANS + HANT
    if not encoding.startswith("utf-16-") or b"\0" in text.encode(encoding)
]


@pytest.mark.parametrize(("encoding", "text"), UNICODE)
def test_unicode(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    decoded = decode(data)
    assert decoded.text == text
    assert bool(decoded.note) == encoding.startswith("utf-16")
    assert decoded.encoding in encoding or encoding == "utf-16"


@pytest.mark.parametrize("text", HANS)
@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_simplified(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, "gb18030")
    assert "GB18030" in str(decoded.note)


@pytest.mark.parametrize("text", HANT)
def test_traditional(text: str) -> None:
    decoded = decode(text.encode("cp950"))
    assert decoded.text == text
    assert "BIG5" in str(decoded.note)


@pytest.mark.parametrize(
    "text", ["Café at naïve’s – résumé for Zoë, due Friday", "Besprechung: Müller prüft das"]
)
def test_western(text: str) -> None:
    decoded = decode(text.encode("cp1252"))
    assert (decoded.text, decoded.encoding) == (text, "cp1252")


def test_ascii_needs_no_note() -> None:
    assert decode(b"# Minutes\r\n").note is None


def test_damaged_utf8_stays_utf8() -> None:
    data = ("负责人：张三，截止：6月15日。" * 3).encode()
    decoded = decode(data[:-1])
    assert decoded.encoding == "utf-8"
    assert decoded.text.startswith("负责人：张三")
    assert "damaged" in str(decoded.note)


@pytest.mark.parametrize(
    "data",
    [b"\0\1\2\3" * 200, bytes(range(256)) * 8, b"text" + b"\0" * 99, b"\x7fELF\2\1\1\0" + b"\0" * 60],
)  # fmt: skip
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError, match="no text"):
        decode(data)
