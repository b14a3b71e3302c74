"""What one sitting changed reads as one entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from registry.audit.models import AuditEntry
from registry.profiles.history import codes_in, readable

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def _entry(minutes: int, changes: dict[str, list[str | None]], **values: object) -> AuditEntry:
    given = {
        "action": "update",
        "object_type": "annual_report",
        "object_id": "7",
        "object_label": "兰州甲有限公司 2025年度",
        "account_id": 1,
        "actor_name": "马某某",
        "role": "entry",
        "region_name": "城关区",
        "note": "",
        "batch_id": None,
    }
    return AuditEntry(at=NOON + timedelta(minutes=minutes), changes=changes, **(given | values))


def test_changes_of_one_sitting_are_joined() -> None:
    entries = [
        _entry(20, {"revenue": ["120", "130"]}),
        _entry(10, {"revenue": ["100", "120"], "rd_staff": ["3", "4"]}),
        _entry(0, {"rd_staff": [None, "3"]}, action="create"),
    ]
    (found,) = readable(entries, {}, contact_in_full=False)
    assert found.action == "年度指标（2025年度）填报"
    changes = {change.label: (change.before, change.after) for change in found.changes}
    assert changes == {"研发人员数量": (None, "4"), "营业收入": ("100", "130")}
    assert found.at == NOON + timedelta(minutes=20)


def test_every_note_of_a_sitting_is_shown_once() -> None:
    entries = [
        _entry(9, {"revenue": ["2", "3"]}, note="已与企业核对"),
        _entry(5, {"revenue": ["1", "2"]}),
        _entry(3, {"revenue": ["0", "1"]}, note="已与企业核对"),
        _entry(0, {"revenue": [None, "0"]}, action="create", note="按审计报告"),
    ]
    (found,) = readable(entries, {}, contact_in_full=False)
    assert found.note == "按审计报告；已与企业核对"


def test_a_value_that_came_back_is_no_change() -> None:
    entries = [_entry(5, {"revenue": ["120", "100"]}), _entry(0, {"revenue": ["100", "120"]})]
    (found,) = readable(entries, {}, contact_in_full=False)
    assert found.changes == []


def test_others_later_steps_and_other_objects_stand_apart() -> None:
    entries = [
        _entry(90, {"revenue": ["5", "6"]}),
        _entry(30, {}, action="submit"),
        _entry(20, {"revenue": ["4", "5"]}),
        _entry(15, {"revenue": ["3", "4"]}, account_id=2),
        _entry(10, {"revenue": ["2", "3"]}, object_id="8"),
        _entry(5, {"revenue": ["1", "2"]}, batch_id=3),
    ]
    assert len(readable(entries, {}, contact_in_full=False)) == 6


def test_codes_read_as_names_and_contact_is_hidden() -> None:
    entry = _entry(
        0,
        {"region_code": ["620102", "620105"], "contact_phone": [None, "13812342601"]},
        object_type="enterprise",
    )
    assert codes_in([entry]) == (["620102", "620105"], [])
    (found,) = readable([entry], {"620105": "安宁区"}, contact_in_full=False)
    assert [(c.before, c.after) for c in found.changes] == [
        ("620102", "安宁区"),
        (None, "138****2601"),
    ]
    (found,) = readable([entry], {}, contact_in_full=True)
    assert found.changes[1].after == "13812342601"
    assert found.action == "修改"
