"""What the system looks at before a case is decided.

Sources of each check:
条款对照        the assessment frozen with the case, what reviewers judge of it, and the exemptions
                in force (N17)
提交后的改动    the registry against what was handed in
企业状态        the register of firms
禁止申报        policy §1.1 article 16, §4.1 article 13 (B-), §9.2: by credit code, which is unique
异常和失信名单  policy §1.1 article 3, §2.1 (A-): what the office entered under 守法合规
单项冠军、控制关系、同集团产品
                policy §9.2, §2.3 notice 117号 (B): new applications for 小巨人; the titles of the
                registry, and 守法合规, since the registry has no data on who controls whom
复核资格        policy §1.1 articles 14 and 15 (A-, B): what the registry knows of updates and reports
名额            policy §9.2: the number set with the round; none was found for most titles (U)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import freezing, queries
from registry.applications.models import Application, Round
from registry.applications.services import banned_until, cautions_of
from registry.applications.workflow import State
from registry.evidence.catalogue import COMPLIANCE
from registry.evidence.queries import items_of_enterprises, values_of
from registry.fields import Value
from registry.permissions import Actor
from registry.policy.clauses import RoundKind
from registry.policy.findings import Verdict
from registry.policy.wording import VERDICT_WORDS
from registry.recognitions.catalogue import State as TitleState
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import list_of_enterprises
from registry.reviews import standing
from registry.reviews.queries import in_force
from registry.reviews.standing import Standing

_TAKEN = (State.RECOMMENDED, State.PASSED, State.NOTICED, State.GRANTED)
"""States in which a case has one of the round's places."""
_MET, _NOT_MET, _TO_VERIFY = Verdict.MET, Verdict.NOT_MET, Verdict.TO_VERIFY
_LISTS = {"is_listed_abnormal": "经营异常名录", "is_listed_dishonest": "严重失信主体名单"}
Compliance = Mapping[str, Value | None]
"""What was entered under 守法合规; empty where nothing was."""


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


Checks = list[list[Check]]


def of_case(session: Session, actor: Actor, application: Application) -> list[Check]:
    """Everything that is checked of a case that was handed in."""
    return of_cases(session, actor, [application])[application.id]


def of_cases(
    session: Session, actor: Actor, applications: Sequence[Application]
) -> dict[int, list[Check]]:
    """The same of all the cases of a page, by id, in as many queries as of one."""
    columns = [check(session, actor, applications) for check in CHECKS]
    rows = zip(*columns, strict=True)
    return {
        one.id: [found for group in row for found in group]
        for one, row in zip(applications, rows, strict=True)
    }


def _clauses(session: Session, actor: Actor, applications: Sequence[Application]) -> Checks:
    """By what was frozen with the case and what reviewers judge of it: they decide on that."""
    waived = in_force(session, applications, clock.today())
    found = standing.of_cases(session, actor.scope, applications)
    return [[_clause_check(one, found.get(one.id), waived[one.id].keys())] for one in applications]


def _clause_check(
    application: Application, found: Standing | None, waived: Collection[str]
) -> Check:
    label = "条款对照"
    if found is None:
        return Check(label, _TO_VERIFY, f"未配置依据：{application.round.no_basis}")
    exempted = len(found.failed.keys() & waived) if waived else 0
    not_met = found.count(_NOT_MET) - exempted
    missing, to_verify = found.count(Verdict.MISSING), found.count(_TO_VERIFY)
    counts = (("不符合", not_met), ("待补充", missing), ("待核验", to_verify))
    words = [f"{word} {count} 条" for word, count in counts if count]
    words += [f"豁免 {exempted} 条"] if exempted else []
    if not_met:
        return Check(label, _NOT_MET, "、".join(words))
    if missing or to_verify:
        return Check(label, _TO_VERIFY, "、".join(words))
    met = found.count(_MET)
    whole = f"{met} 条符合" if exempted else f"{met} 条全部符合"
    return Check(label, _MET, "、".join([whole, *words]))


def _unchanged(session: Session, actor: Actor, applications: Sequence[Application]) -> Checks:
    copies = queries.last_copies(session, [one.id for one in applications])
    now = freezing.read_cells_of(session, actor.scope, applications)
    firms = {one.enterprise_id for one in applications}
    files = freezing.read_proofs_of(session, actor.scope, firms)
    found: Checks = []
    for one in applications:
        copy = copies.get(one.id)
        changes = freezing.differences(copy.cells, now[one.id]) if copy else []
        changes += freezing.files_changed(copy.proofs, files[one.enterprise_id]) if copy else []
        note = f"提交之后有 {len(changes)} 处改动" if changes else "提交之后没有改动"
        found.append([Check("提交后的改动", _TO_VERIFY if changes else _MET, note)])
    return found


def _firm(_: Session, __: Actor, applications: Sequence[Application]) -> Checks:
    """A firm that has gone since is not recognised."""
    firms = [one.enterprise for one in applications]
    return [
        [Check("企业状态", _MET, "企业存续")]
        if firm.is_active
        else [Check("企业状态", _NOT_MET, f"企业{firm.status.label}")]
        for firm in firms
    ]


def _titles(session: Session, actor: Actor, applications: Sequence[Application]) -> Checks:
    """Ban, lists and exclusions: what the firm holds, held and was found to be."""
    firms = {one.enterprise_id for one in applications}
    held = list_of_enterprises(session, actor.scope, firms)
    entered = items_of_enterprises(session, actor.scope, firms, [COMPLIANCE.key])
    compliance = {id_: values_of(items[0]) for id_, items in entered.items()}
    found: Checks = []
    for one in applications:
        mine, known = held.get(one.enterprise_id, []), compliance.get(one.enterprise_id, {})
        found.append([_ban(one, mine), _lists(known), *_exclusions(one, mine, known)])
    return found


def _ban(application: Application, held: list[Recognition]) -> Check:
    until, code = banned_until(held), application.enterprise.uscc
    if until:
        return Check("禁止申报", _NOT_MET, f"{code} 的称号曾被撤销或取消，{until} 之前不得再申报")
    return Check("禁止申报", _MET, f"{code} 没有禁止申报的记录")


def _lists(compliance: Compliance) -> Check:
    label = "异常和失信名单"
    listed = [words for key, words in _LISTS.items() if compliance.get(key) is True]
    unknown = [words for key, words in _LISTS.items() if compliance.get(key) is None]
    if listed:
        return Check(label, _NOT_MET, f"列入{'、'.join(listed)}")
    if unknown:
        return Check(label, _TO_VERIFY, f"{'、'.join(unknown)}未核对，请查国家企业信用信息公示系统")
    return Check(label, _MET, "“守法合规”中填写未列入")


def _exclusions(
    application: Application, held: list[Recognition], compliance: Compliance
) -> list[Check]:
    """What keeps a firm from being recommended for a new 小巨人."""
    round_ = application.round
    if (round_.title, round_.kind) != (Title.LITTLE_GIANT, RoundKind.NEW):
        return []
    today = clock.today()
    champions = [
        one
        for one in held
        if one.title is Title.SINGLE_CHAMPION and one.state_on(today) is TitleState.VALID
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


def _renewals(session: Session, actor: Actor, applications: Sequence[Application]) -> Checks:
    """Of a 复核: updates and reports that were late."""
    wanted = [(one.enterprise, one.round) for one in applications]
    said = cautions_of(session, actor, wanted)
    return [
        [_renewal(cautions)] if one.round.kind is RoundKind.RENEWAL else []
        for one, cautions in zip(applications, said, strict=True)
    ]


def _renewal(cautions: Sequence[str]) -> Check:
    label = "复核资格"
    if cautions:
        note = "；".join(cautions)
        return Check(label, _TO_VERIFY, f"{note}。以部委平台的更新记录为准，请核实后写入意见")
    return Check(label, _MET, "年度更新和重大变化没有逾期的记录")


def _quota(session: Session, _: Actor, applications: Sequence[Application]) -> Checks:
    left = places_left(session, {one.round_id: one.round for one in applications}.values())
    return [[_quota_check(one.round, left.get(one.round_id))] for one in applications]


def _quota_check(round_: Round, left: int | None) -> Check:
    if left is None:
        return Check("名额", _MET, "本批次没有设置名额")
    words = taken_words(round_, left)
    if left > 0:
        return Check("名额", _MET, f"{words}，还有 {left} 个")
    return Check("名额", _NOT_MET, f"{words}，没有剩余；超出办理须写明理由")


def taken_words(round_: Round, left: int) -> str:
    return f"共 {round_.quota} 个，已用 {(round_.quota or 0) - left} 个"


def places_left(session: Session, rounds: Iterable[Round]) -> dict[int, int]:
    """How many places each of the rounds has left, by round; those without a quota are left out."""
    quotas = {one.id: one.quota for one in rounds if one.quota is not None}
    statement = (
        select(Application.round_id, func.count())
        .where(Application.round_id.in_(quotas), Application.state.in_(_TAKEN))
        .group_by(Application.round_id)
    )
    taken = {id_: count for id_, count in session.execute(statement)}
    return {id_: quota - taken.get(id_, 0) for id_, quota in quotas.items()}


CHECKS: tuple[Callable[[Session, Actor, Sequence[Application]], Checks], ...] = (
    _clauses,
    _unchanged,
    _firm,
    _titles,
    _renewals,
    _quota,
)
"""Each looks at all the cases it is given at once, and says what it finds of each, in their order."""
