"""The tab 佐证 of a firm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.enterprises.models import EnterpriseStatus
from registry.evidence.catalogue import KINDS
from registry.permissions import Role
from registry.profiles.evidence import GROUPS
from tests.support.evidence import PATENT, make_item, make_proof

Make = Callable[..., int]
Browser = Callable[..., FlaskClient]


def _tab(client: FlaskClient, firm: int, more: str = "") -> str:
    answer = client.get(f"/enterprises/{firm}?tab=evidence{more}")
    assert answer.status_code == 200
    return answer.text


def test_every_kind_is_in_one_group() -> None:
    keys = [key for _, group in GROUPS for key in group]
    assert sorted(keys) == sorted(KINDS)


def test_what_there_is_of_each_kind(
    session: Session, client_as: Browser, make_enterprise: Make
) -> None:
    firm = make_enterprise()
    for number in range(5):
        make_item(session, firm, {**PATENT, "number": f"ZL{number}"})
    make_item(session, firm, {"had_violation": False, "had_tax_evasion": False}, "compliance")
    page = _tab(client_as(), firm)
    for kind in KINDS.values():
        assert kind.label in page
    assert "发明专利 ZL4、发明专利 ZL3、发明专利 ZL2 等 5 条" in page
    assert "12 项中已填 2 项" in page
    assert page.partition("<tbody>")[2].count("未确认") == sum(
        kind.is_list for kind in KINDS.values()
    )


def test_the_items_of_a_kind(
    session: Session, client_as: Browser, settings: Settings, make_enterprise: Make
) -> None:
    firm = make_enterprise()
    item, _ = make_proof(session, settings, firm)
    page = _tab(client_as(), firm, "&kind=intellectual_property")
    assert f'href="/evidence/{item}"' in page
    assert "2024-05-01" in page
    assert '<td class="cell-num">1</td>' in page  # its proof


def test_a_long_list_comes_in_pages(
    session: Session, client_as: Browser, make_enterprise: Make
) -> None:
    firm = make_enterprise()
    for number in range(21):
        make_item(session, firm, {"name": f"品牌{number:02}", "own": True}, "brands")
    client = client_as()
    first, second = (_tab(client, firm, f"&kind=brands&page={page}") for page in (1, 2))
    assert "品牌00" in first
    assert "品牌20" not in first
    assert "品牌20" in second


def test_a_single_record_shows_its_values(
    session: Session, client_as: Browser, make_enterprise: Make
) -> None:
    firm = make_enterprise()
    client = client_as()
    assert "填写" in _tab(client, firm, "&kind=management")
    item = make_item(session, firm, {"digital_level": 3}, "management")
    page = _tab(client, firm, "&kind=management")
    assert "3 级" in page
    assert f"/evidence/{item}/edit" in page


def test_a_list_is_confirmed_and_open_again(client_as: Browser, make_enterprise: Make) -> None:
    firm = make_enterprise()
    client = client_as()
    page = _tab(client, firm, "&kind=awards")
    assert "确认该企业没有科技奖励" in page
    for value, there, gone in (
        ("1", "改为未确认", "确认清单完整"),
        ("0", "确认清单完整", "改为未确认"),
    ):
        answer = client.post(f"/enterprises/{firm}/evidence/awards/whole", data={"is_whole": value})
        assert answer.status_code == 302
        client.get("/")  # the message of the step
        page = _tab(client, firm, "&kind=awards")
        assert there in page
        assert gone not in page


def test_buttons_are_for_those_who_may(
    session: Session, client_as: Browser, make_enterprise: Make
) -> None:
    firm = make_enterprise()
    for role, kinds in (
        (Role.ENTRY, {*KINDS} - {"judgements"}),
        (Role.REVIEW, {"judgements"}),
        (Role.VIEW, set()),
    ):
        page = _tab(client_as(role), firm)
        offered = {key for key in KINDS if f"/evidence/{key}/new" in page}
        assert offered == kinds, role
        one = _tab(client_as(role), firm, "&kind=awards")
        assert ("确认清单完整" in one) is (role is Role.ENTRY)
    gone = make_enterprise(status=EnterpriseStatus.DEREGISTERED, ended_on=date(2026, 1, 1))
    assert "/new" not in _tab(client_as(), gone)


def test_nonsense_shows_the_whole_tab(client_as: Browser, make_enterprise: Make) -> None:
    assert "创新成果" in _tab(client_as(), make_enterprise(), "&kind=nonsense")
