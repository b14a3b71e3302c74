"""A workbook over a title that a round has granted."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.recognitions.models import Recognition
from tests.support.offices import Office
from tests.support.records import credit_code

HEADERS = ("统一社会信用代码", "称号类型", "有效期起", "有效期止", "证书编号")


def test_it_brings_the_certificate_and_nothing_else(
    session: Session,
    office: Office,
    make_enterprise: Callable[..., int],
    make_recognition: Callable[..., int],
) -> None:
    firm = make_enterprise()
    make_recognition(firm)
    session.execute(update(Recognition).values(by_round=True))
    session.commit()
    held = session.scalars(select(Recognition)).one()
    start, end = held.valid_from.isoformat(), held.valid_to.isoformat()
    row = (credit_code(1), held.title.label, start)
    found = office.examine("recognitions", HEADERS, (*row, "2039-01-01", None))
    assert [code for _, _, code in found.errors] == ["granted"]
    office.write("recognitions", HEADERS, (*row, end, "甘 0001"))
    session.expire_all()
    assert (held.certificate_no, held.valid_to.isoformat()) == ("甘 0001", end)
