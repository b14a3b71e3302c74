"""Two invented bulletins: the province's for all, a city's for those who enter."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from registry import clock
from registry.bulletins.services import BulletinDraft, post
from registry.demo.people import Staff
from registry.permissions import Level, Role


def write_bulletins(session: Session, staff: Staff) -> None:
    """Post them in the names of the province's reviewer and of a city's."""
    year = clock.today().year
    ours = BulletinDraft(
        title=f"关于做好{year}年度专精特新中小企业申报工作的通知",
        text=(
            "请各市州按批次时间组织申报，逐户核对年度数据和佐证材料后再提交。\n"
            "退回补正的，请在本环节截止前改好再提交；确需延长的，由市级书面报省级设置例外。"
        ),
        is_pinned=True,
        valid_until=clock.today() + timedelta(days=60),
    )
    post(session, staff.at(Level.PROVINCE, Role.REVIEW), ours)
    city = BulletinDraft(
        title="请于本周内补齐企业联系人和主导产品",
        text="申报前请先在企业库核对联系人、主导产品和所属行业，缺项的企业提交时会被退回。",
        role=Role.ENTRY,
    )
    post(session, staff.at(Level.CITY, Role.REVIEW), city)
