"""What the system looks at before a case is decided.

Sources of each check:
条款对照        the assessment frozen with the case, and the exemptions in force (N17)
提交后的改动    the registry against what was handed in
企业状态        the register of firms
禁止申报        policy §1.1 article 16, §4.1 article 13 (B-), §9.2: by credit code, which is unique
异常和失信名单  policy §1.1 article 3, §2.1 (A-): what the office entered under 守法合规
单项冠军、控制关系、同集团产品
                policy §9.2, §2.3 notice 117号 (B): new applications for 小巨人; the titles of the
                registry, and 守法合规, since the registry has no data on who controls whom
名额            policy §9.2: the number set with the round; none was found for most titles (U)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import freezing
from registry.applications.models import Application, Copy
from registry.applications.queries import last_copy
from registry.applications.services import banned_until
from registry.assessments.models import StoredAssessment
from registry.evidence.catalogue import COMPLIANCE
from registry.evidence.queries import list_items, values_of
from registry.fields import Value
from registry.permissions import Actor
from registry.policy.clauses import RoundKind
from registry.policy.findings import Verdict
from registry.policy.wording import VERDICT_WORDS
from registry.recognitions.catalogue import State, Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import list_of_enterprise
from registry.reviews import exemptions, queries

_MET, _NOT_MET, _TO_VERIFY = Verdict.MET, Verdict.NOT_MET, Verdict.TO_VERIFY
_LISTS = {"is_listed_abnormal": "经营异常名录", "is_listed_dishonest": "严重失信主体名单"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `verdict` is MET, NOT_MET or TO_VERIFY, `note` says what was found."""

    label: str
    verdict: Verdict
    note: str

    @property
    def passes(self) -> bool:
        return self.verdict is _MET

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.verdict]


def of_case(session: Session, actor: Actor, application: Application) -> list[Check]:
    """Everything that is checked of a case that was handed in."""
    copy = last_copy(session, application.id)
    held = list_of_enterprise(session, actor.scope, application.enterprise_id)
    items = list_items(session, actor.scope, application.enterprise_id, COMPLIANCE.key)
    compliance = values_of(items[0]) if items else {}
    return [
        _clauses(session, application, copy),
        _unchanged(session, actor, application, copy),
        _firm(application),
        _ban(application, held),
        _lists(compliance),
        *_exclusions(application, held, compliance),
        _quota(session, application),
    ]


def _clauses(session: Session, application: Application, copy: Copy | None) -> Check:
    """By the assessment that was frozen with the case: what the reviewers decide is decided on it."""
    label = "条款对照"
    if copy is None or copy.assessment_id is None:
        return Check(label, _TO_VERIFY, f"未配置依据：{application.round.no_basis}")
    kept = session.get_one(StoredAssessment, copy.assessment_id)
    waived = queries.in_force(session, application, clock.today())
    failed = exemptions.not_met(kept.findings)
    exempted = len(failed.keys() & waived.keys())
    counts = (
        ("不符合", kept.not_met - exempted),
        ("待补充", kept.missing),
        ("待核验", kept.to_verify),
    )
    words = [f"{word} {count} 条" for word, count in counts if count]
    words += [f"豁免 {exempted} 条"] if exempted else []
    if kept.not_met > exempted:
        return Check(label, _NOT_MET, "、".join(words))
    if kept.missing or kept.to_verify:
        return Check(label, _TO_VERIFY, "、".join(words))
    whole = f"{kept.met} 条符合" if exempted else f"{kept.met} 条全部符合"
    return Check(label, _MET, "、".join([whole, *words]))


def _unchanged(
    session: Session, actor: Actor, application: Application, copy: Copy | None
) -> Check:
    now = freezing.read_cells(session, actor.scope, application)
    changes = freezing.differences(copy.cells, now) if copy else []
    if changes:
        return Check("提交后的改动", _TO_VERIFY, f"提交之后有 {len(changes)} 处改动，请核对")
    return Check("提交后的改动", _MET, "提交之后没有改动")


def _firm(application: Application) -> Check:
    """A firm that has gone since is not recognised."""
    firm = application.enterprise
    verdict = _MET if firm.is_active else _NOT_MET
    return Check("企业状态", verdict, "企业存续" if firm.is_active else f"企业{firm.status.label}")


def _ban(application: Application, held: list[Recognition]) -> Check:
    until, code = banned_until(held), application.enterprise.uscc
    if until:
        return Check("禁止申报", _NOT_MET, f"{code} 的称号曾被撤销，{until} 之前不得再申报")
    return Check("禁止申报", _MET, f"{code} 没有禁止申报的记录")


def _lists(compliance: Mapping[str, Value | None]) -> Check:
    label = "异常和失信名单"
    listed = [words for key, words in _LISTS.items() if compliance.get(key) is True]
    unknown = [words for key, words in _LISTS.items() if compliance.get(key) is None]
    if listed:
        return Check(label, _NOT_MET, f"列入{'、'.join(listed)}")
    if unknown:
        return Check(label, _TO_VERIFY, f"{'、'.join(unknown)}未核对，请查国家企业信用信息公示系统")
    return Check(label, _MET, "“守法合规”中填写未列入")


def _exclusions(
    application: Application, held: list[Recognition], compliance: Mapping[str, Value | None]
) -> list[Check]:
    """What keeps a firm from being recommended for a new 小巨人."""
    round_ = application.round
    if (round_.title, round_.kind) != (Title.LITTLE_GIANT, RoundKind.NEW):
        return []
    today = clock.today()
    champions = [
        one
        for one in held
        if one.title is Title.SINGLE_CHAMPION and one.state_on(today) is State.VALID
    ]
    champion = (
        Check("单项冠军", _NOT_MET, f"已是制造业单项冠军，有效期至 {champions[0].valid_to}")
        if champions
        else Check("单项冠军", _MET, "没有登记有效的单项冠军称号（示范企业或产品）")
    )
    return [
        champion,
        _declared(
            "控制关系",
            compliance.get("is_controlled_with_little_giant"),
            "与已认定的“小巨人”企业有控制关系",
            "请查股权结构和实际控制人，在“守法合规”中填写",
        ),
        _declared(
            "同集团产品",
            compliance.get("has_sibling_with_same_product"),
            "同一集团内已有主导产品相近的企业",
            "请查所属集团各企业的主导产品，在“守法合规”中填写",
        ),
    ]


def _declared(label: str, value: Value | None, found: str, look_at: str) -> Check:
    """What the office found and entered under 守法合规."""
    if value is None:
        return Check(label, _TO_VERIFY, f"未核对：{look_at}")
    if value is True:
        return Check(label, _NOT_MET, found)
    return Check(label, _MET, "“守法合规”中填写没有")


def _quota(session: Session, application: Application) -> Check:
    label, quota = "名额", application.round.quota
    if quota is None:
        return Check(label, _MET, "本批次没有设置名额")
    taken = queries.places_taken(session, application.round_id)
    words = f"共 {quota} 个，已用 {taken} 个，"
    if taken < quota:
        return Check(label, _MET, f"{words}还有 {quota - taken} 个")
    return Check(label, _NOT_MET, f"{words}没有剩余；超出办理须写明理由")
