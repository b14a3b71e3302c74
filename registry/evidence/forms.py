"""One form for each kind of evidence, made from its declaration, and the form for a proof file."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf.file import FileField, FileRequired

from registry.evidence.catalogue import KINDS
from registry.forms import BaseForm, NotedForm, form_class

NOT_CHECKED = "未核对"
"""The third state of a yes/no field: nobody has looked, which is not a no."""

FORMS: Mapping[str, type[BaseForm]] = {
    key: form_class(f"{key}_form", kind.fields, NotedForm, NOT_CHECKED)
    for key, kind in KINDS.items()
}


class ProofForm(BaseForm):
    file = FileField("选择文件", validators=[FileRequired("请选择要上传的文件")])
