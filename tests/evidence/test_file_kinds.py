"""What a proof file is, by its content; and what is refused, with which sentence."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from registry.errors import UnusableFile
from registry.evidence.file_kinds import DOCX, JPEG, PDF, PNG, XLSX, FileKind, kind_of
from tests.support.evidence import jpeg, link_out, office, packed_pdf, pdf, png

SETTINGS_LINKS = "word/_rels/settings.xml.rels"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.exe"  # the name says nothing


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf(), PDF),
        (packed_pdf(b"<</Type/Page>>"), PDF),
        (pdf(b"<</Title(JavaScript)/OpenAction[2 0 R/Fit]>>"), PDF),
        (pdf(b"<<>>stream\n/JS (in a picture)\nendstream"), PDF),
        (jpeg(), JPEG),
        (jpeg() + b"a second, smaller picture", JPEG),
        (png(), PNG),
        (office("word"), DOCX),
        (office("excel"), XLSX),
        (office("word", {"word/_rels/document.xml.rels": link_out("hyperlink")}), DOCX),
    ],
)
def test_content_tells_the_kind(path: Path, content: bytes, kind: FileKind) -> None:
    path.write_bytes(content)
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 512, "旧版 Office"),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "网页和 SVG"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "网页和 SVG"),
        (b"GIF89a", "只接受 JPEG、PNG"),
        (b"\0\0\0\x18ftypheic", "只接受 JPEG、PNG"),
        (b"MZ\x90\0", "程序文件"),
        (b"#!/bin/sh\n", "程序文件"),
        (b"Rar!\x1a\x07", "压缩包"),
        ("企业名称,金额".encode(), "不是可以上传的文件种类"),
        (b" %PDF-1.7", "不是可以上传的文件种类"),
        (pdf()[:-20], "不完整"),
        (pdf(b"<<>>stream\nno end"), "不完整"),
        (pdf(b"<</S/JavaScript/JS(app.alert(1))>>"), "脚本"),
        (pdf(b"<</S/#4aava#53cript>>"), "脚本"),
        (pdf(b"<</S/Launch/F(calc.exe)>>"), "脚本"),
        (packed_pdf(b"<</S/JavaScript/JS(app.alert(1))>>"), "脚本"),
        (pdf(b"5 0 obj<</Type/ObjStm>>stream\nnot packed\nendstream"), "不完整"),
        (pdf(b"<</Type/Filespec/EF<<>>/EmbeddedFiles 9 0 R>>"), "附有其他文件"),
        (pdf(b"<</Encrypt 9 0 R>>"), "已加密"),
        (jpeg()[:-2], "不完整"),
        (b"\xff\xd8\xff\xd9", "不完整"),
        (png()[:-4], "不完整"),
        (png() + b"PK\x03\x04", "不完整"),
        (png().replace(b"IDAT", b"IDAX"), "不完整"),
        (office()[:-30], "不完整"),
        (office(more={"a.txt": "甲"}).replace(b"document.main", b"document.none"), "不完整"),
        (office(more={"word/vbaProject.bin": "x"}), "宏"),
        (office(listed='<Default ContentType="application/vnd.ms-office.vbaProject"/>'), "宏"),
        (office("excel", {"xl/activeX/activeX1.xml": "<a/>"}), "宏"),
        (office("excel", {"xl/embeddings/a.docx": "x"}), "嵌有"),
        (office(more={SETTINGS_LINKS: link_out("attachedTemplate")}), "外部的模板"),
        (office(more={SETTINGS_LINKS: "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "不完整"),
    ],
)
def test_what_is_refused_is_told_in_one_sentence(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    with pytest.raises(UnusableFile, match=said) as refusal:
        kind_of(path)
    assert refusal.value.message.count("。") == 0


def test_a_zip_of_anything_else_is_an_archive(path: Path) -> None:
    path.write_bytes(office("word").replace(b"wordprocessingml", b"presentationml__"))
    with pytest.raises(UnusableFile):
        kind_of(path)


@pytest.mark.parametrize("word", [b"stream\n", b"<<", b"/ObjStm", b"#4a"])
def test_a_pdf_of_ten_million_bytes_is_judged_at_once(path: Path, word: bytes) -> None:
    """Nothing is looked for in a way whose time grows with the square of the size."""
    path.write_bytes(pdf(word * (10_000_000 // len(word))))
    with suppress(UnusableFile):
        kind_of(path)
