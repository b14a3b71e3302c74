"""The titles: how people write them, how long they run, and where they stand on a day."""

from __future__ import annotations

from datetime import date

import pytest

from registry.fields import Value, as_text, read_text
from registry.recognitions.catalogue import (
    BY_KEY,
    ENDING_FIELDS,
    FIELDS,
    IMPORT_FIELDS,
    State,
    Title,
    completed,
    default_valid_to,
    state_on,
)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("创新型中小企业", Title.INNOVATIVE_SME),
        ("创新型", Title.INNOVATIVE_SME),
        ("科技型中小企业", Title.TECH_SME),
        ("专精特新", Title.SRDI_SME),
        ("省级“专精特新”中小企业", Title.SRDI_SME),
        ("小巨人", Title.LITTLE_GIANT),
        ('专精特新"小巨人"企业', Title.LITTLE_GIANT),
        ("专精特新＂小巨人＂企业", Title.LITTLE_GIANT),
        ("国家级专精特新“小巨人”企业", Title.LITTLE_GIANT),
        ("单项冠军", Title.SINGLE_CHAMPION),
        ("little_giant", Title.LITTLE_GIANT),
    ],
)
def test_title_is_read_as_offices_write_it(written: str, title: Title) -> None:
    assert read_text(BY_KEY["title"], written).value == title


def test_unknown_title_is_refused() -> None:
    assert read_text(BY_KEY["title"], "瞪羚企业").problem is not None


@pytest.mark.parametrize("title", Title)
def test_title_is_shown_with_its_full_name_and_reads_back(title: Title) -> None:
    shown = as_text(BY_KEY["title"], title.value)
    assert shown == title.label
    assert read_text(BY_KEY["title"], shown).value == title


@pytest.mark.parametrize(
    ("title", "start", "end"),
    [
        (Title.SRDI_SME, date(2025, 7, 1), date(2028, 6, 30)),
        (Title.TECH_SME, date(2025, 7, 1), date(2026, 6, 30)),
        (Title.LITTLE_GIANT, date(2024, 2, 29), date(2027, 2, 27)),
    ],
)
def test_validity_ends_the_day_before_its_anniversary(title: Title, start: date, end: date) -> None:
    assert default_valid_to(title, start) == end


def test_a_given_end_is_kept() -> None:
    values: dict[str, Value | None] = {
        "title": "srdi_sme",
        "valid_from": date(2025, 7, 1),
        "valid_to": date(2028, 7, 31),
    }
    assert completed(values)["valid_to"] == date(2028, 7, 31)


def test_without_a_start_no_end_is_made_up() -> None:
    assert completed({"title": "srdi_sme"}).get("valid_to") is None


@pytest.mark.parametrize(
    ("day", "ended_on", "state"),
    [
        (date(2025, 6, 30), None, State.UPCOMING),
        (date(2025, 7, 1), None, State.VALID),
        (date(2028, 6, 30), None, State.VALID),
        (date(2028, 7, 1), None, State.EXPIRED),
        (date(2026, 3, 1), date(2026, 3, 2), State.VALID),
        (date(2026, 3, 2), date(2026, 3, 2), State.ENDED),
    ],
)
def test_state_turns_on_the_right_day(day: date, ended_on: date | None, state: State) -> None:
    assert state_on(date(2025, 7, 1), date(2028, 6, 30), ended_on, day) is state


def test_every_field_has_a_code_of_its_own() -> None:
    codes = [spec.code for spec in (*FIELDS, *ENDING_FIELDS)]
    assert len(set(codes)) == len(codes) == 14


def test_workbook_columns_start_with_the_firm() -> None:
    assert [spec.key for spec in IMPORT_FIELDS][:3] == ["uscc", "name", "title"]
    assert BY_KEY["valid_to"].future
