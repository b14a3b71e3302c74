"""The shipped blank workbooks are those the catalogues make, and know their units."""

from __future__ import annotations

import io

import pytest
from sqlalchemy.orm import Session

from registry.config import DATA_ROOT
from registry.errors import NotFound
from registry.exports import blanks
from registry.imports.kinds import KINDS
from registry.industries.queries import industry_index
from registry.permissions import Scope
from registry.regions.queries import region_index
from registry.spreadsheets.blank_marks import VERSION, read_version
from registry.spreadsheets.headers import find_header
from registry.spreadsheets.reader import read_workbook

SHIPPED = DATA_ROOT / "import_templates"


@pytest.mark.parametrize("kind", list(blanks.BLANKS))
def test_making_a_blank_again_gives_the_shipped_file(kind: str) -> None:
    made = io.BytesIO()
    blanks.write(kind, made)
    assert made.getvalue() == (SHIPPED / f"{kind}.xlsx").read_bytes(), (
        "the catalogue has changed: make the blanks again and raise VERSION"
    )


@pytest.mark.parametrize("kind", list(blanks.BLANKS))
def test_a_blank_names_its_kind_and_has_every_column_of_the_import(kind: str) -> None:
    path = SHIPPED / f"{kind}.xlsx"
    known = KINDS[kind]
    with read_workbook(path) as workbook:
        assert read_version(workbook) == (kind, VERSION)
        header = find_header(workbook.sheets[0].rows(), known.fields, known.computed)
    assert header is not None
    assert header.problems == ()
    assert header.ignored() == ()
    found = {column.field_key for column in header.field_columns()}
    assert found == {spec.key for spec in blanks.BLANKS[kind].fields}


def test_every_word_of_the_dropdowns_means_one_thing(session: Session) -> None:
    regions, province = region_index(session, "620000"), Scope("620000/")
    codes = [regions.resolve(word, province).code for word in blanks.region_words("620000")]
    leaves = {
        unit.code
        for unit in regions.units.values()
        if unit.level == 3 or unit.is_zone or unit.code == "620200"
    }
    assert sorted(map(str, codes)) == sorted(leaves)
    industries = industry_index(session)
    for word in blanks.industry_words():
        assert industries.resolve(word).code == word[:4]


def test_an_unknown_kind_is_not_found() -> None:
    with pytest.raises(NotFound):
        blanks.write("summary", io.BytesIO())


def test_another_province_has_its_own_units() -> None:
    assert "西安市雁塔区" in blanks.region_words("610000")
    assert "济源市" in blanks.region_words("410000")
