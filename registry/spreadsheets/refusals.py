"""Why a file is refused: one code and one plain sentence for each kind, and how much is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.parsers import expat
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812  an error like any other

from registry.errors import UnusableFile

MB = 1024 * 1024

_SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后重新上传"
_COPY_OUT = "请把数据复制到新的工作簿后重新上传"

_MESSAGES = {
    "empty_file": "文件是空的，请检查后重新选择",
    "old_xls": f"这是旧版 Excel 文件（.xls、.et），{_SAVE_AS}",
    "encrypted": "文件设有打开密码，请在 Excel 中去掉密码，保存后重新上传",
    "xlsb": f"这是二进制工作簿（.xlsb），{_SAVE_AS}",
    "ods": f"这是 OpenDocument 表格（.ods），{_SAVE_AS}",
    "html": f"这是网页文件，只是扩展名像 Excel，{_SAVE_AS}",
    "xml_table": f"这是 XML 表格文件，{_SAVE_AS}",
    "text": f"这是文本文件（如 CSV），{_SAVE_AS}",
    "image": "这是图片，不是 Excel 工作簿，请选择 .xlsx 文件",
    "pdf": "这是 PDF，不是 Excel 工作簿，请选择 .xlsx 文件",
    "not_workbook": "这不是 Excel 工作簿，请选择 .xlsx 文件",
    "macro": f"文件含有宏，不能导入，{_SAVE_AS}",
    "active_content": f"文件含有 ActiveX 控件，不能导入，请删去控件，{_SAVE_AS}",
    "embedded": "文件里嵌有其他文件或对象（如 Word 文档、压缩包），请删去后保存，再重新上传",
    "broken_zip": "文件不完整或已损坏，请在 Excel 中打开并另存一份，再重新上传",
    "bad_parts": f"文件内部结构异常，不能读取，{_COPY_OUT}",
    "duplicate_parts": f"文件内部有同名的部件，无法确定用哪一个，{_COPY_OUT}",
    "overlapping_parts": f"文件内部的部件互相重叠，不能读取，{_COPY_OUT}",
    "part_names": f"文件内部有指向文件之外的名称，不能读取，{_COPY_OUT}",
    "too_many_parts": f"文件内部的部件过多，{_COPY_OUT}",
    "unpacked_too_big": "文件展开后过大，请删去无关的工作表和格式，或分成几个文件上传",
    "dtd": f"文件含有不允许的 XML 声明，不能读取，{_COPY_OUT}",
    "encoding": f"文件内部的文字编码不是 UTF-8，不能读取，{_SAVE_AS}",
    "strict": (
        "文件是“Strict Open XML 电子表格”，请在 Excel 中另存为“Excel 工作簿（*.xlsx）”后重新上传"
    ),
    "text_too_long": "有单元格的文字超过 32,767 个字，Excel 也放不下，请缩短后重新上传",
    "too_complex": f"文件内部的内容过多，不能读取，{_SAVE_AS}；仍不行时，{_COPY_OUT}",
    "unreadable": "文件无法读取，可能已损坏，请在 Excel 中打开并另存为 .xlsx 后重新上传",
    "too_heavy": "读取这个文件需要的内存超过上限，请删去无关的工作表和格式，或分成几个文件上传",
    "too_slow": "读取这个文件用时过长，已停止，请删去无关的工作表和格式，或分成几个文件上传",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a workbook is accepted. Sizes are bytes; rows and columns count used ones."""

    file_bytes: int = 60 * MB
    parts: int = 1000
    unpacked_bytes: int = 480 * MB
    part_bytes: int = 320 * MB
    ratio: int = 200
    sheets: int = 50
    rows: int = 200_000
    columns: int = 300
    cells: int = 12_000_000
    """Cells of all sheets, the empty ones that only carry a format included."""
    elements: int = 4_000_000
    """XML elements looked at one by one: sheets that are not plain, and what surrounds the rows."""
    merges: int = 20_000
    merged_cells: int = 5_000_000
    """Cells below the merges of one sheet, together."""


def refusal(code: str) -> UnusableFile:
    """The refusal for one of the codes above."""
    return UnusableFile(code, _MESSAGES[code])


@contextmanager
def unreadable_on_error() -> Iterator[None]:
    """Turn whatever a malformed file makes zip, XML and conversion raise into one sentence."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        BadZipFile,
        EOFError,
        LookupError,
        MemoryError,
        NotImplementedError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        ZlibError,
        expat.ExpatError,
    ) as error:
        raise refusal("unreadable") from error


def new_parser() -> expat.XMLParserType:
    """An expat parser that knows namespaces ("uri name") and refuses document types."""

    def refuse(*_declaration: object) -> None:
        raise refusal("dtd")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser
