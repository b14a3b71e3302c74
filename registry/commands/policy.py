"""`registry policy`: the rule files, and which one a round goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from registry.assessments.catalogue import FACTS
from registry.commands.running import Refused
from registry.policy import published, rounds, titles
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.comparing import Change, difference
from registry.policy.describing import (
    IndicatorLine,
    Line,
    Setting,
    describe,
    describe_size,
    facts_of,
)
from registry.policy.rulesets import SIZE_2011, Citation, RuleSetError, load_size_ruleset
from registry.policy.wording import number
from registry.recognitions.catalogue import Title


@click.group("policy", help="认定标准：核对、列出，以及某一批次适用哪一个")
def policy() -> None:
    pass


@policy.command(help="核对全部标准文件和批次对照表，有错误时逐条列出")
def check() -> None:
    problems = [problem for id_ in titles.rule_set_ids() if (problem := _problem(id_))]
    try:
        locked = published.read_lock(published.LOCK.read_text(encoding="utf-8"))
        problems += published.problems(published.rule_files(), locked)
        load_size_ruleset()
        problems += [
            f"批次对照表：没有 {one.rule_set} 这个标准"
            for one in rounds.load_rounds()
            if one.rule_set and one.rule_set not in titles.rule_set_ids()
        ]
    except RuleSetError as error:
        problems.append(str(error))
    if problems:
        raise Refused("\n".join(problems))
    click.echo(
        f"{len(titles.rule_set_ids())} 个标准文件没有问题，与发布时一致，各批次都有明确的依据或说明。"
    )


@policy.command("list", help="列出标准：编号、名称、文号、条款数、证据等级")
def list_() -> None:
    for id_ in titles.rule_set_ids():
        rules = _load(id_)
        click.echo("  ".join(_line(id_, rules)))


@policy.command(help="某一称号、类别、年度适用的标准编号；没有依据时说明原因")
@click.option("--title", type=click.Choice(rounds.TITLES), required=True, help="称号")
@click.option(
    "--kind",
    type=click.Choice([one.value for one in RoundKind]),
    required=True,
    help="new 新认定，renewal 复核",
)
@click.option("--year", type=int, required=True, help="申报年度")
def resolve(title: str, kind: str, year: int) -> None:
    found = rounds.resolve(title, RoundKind(kind), year)
    if not found.rule_set:
        raise Refused(f"未配置依据：{found.reason}（{found.clause}）")
    click.echo(found.rule_set)


@policy.command(help="显示一个标准的全部内容：依据、条款、评分表、参数")
@click.argument("id_", metavar="ID")
def show(id_: str) -> None:
    if id_ == SIZE_2011:
        ruleset = load_size_ruleset()
        _echo_head(ruleset.citation, [])
        _echo("划型标准", map(_clause, describe_size(ruleset)))
        return
    found = describe(_known(id_), FACTS)
    rules = found.rules
    base = [("基于", rules.base)] if rules.base else []
    _echo_head(
        rules.citation, [("称号", Title(rules.subject).label), *base, ("内容", found.counts)]
    )
    _echo("条款", map(_clause, found.lines))
    _echo("评分表", (words for one in found.indicators for words in _indicator(one)))
    _echo("参数", map(_setting, found.parameters))
    _echo("本通知免除", map(_setting, found.waivers))


@policy.command(help="比较两个标准：新增、取消和调整的条款、指标和参数")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
def diff(old: str, new: str) -> None:
    found = difference(*(describe(_known(id_), FACTS) for id_ in (old, new)))
    click.echo(f"{old} → {new}")
    _echo("条款", map(_change, found.clauses))
    _echo("评分表", map(_change, found.indicators))
    _echo("参数", map(_change, found.parameters))
    if found.is_empty:
        click.echo("条款、评分表和参数相同。")


def _known(id_: str) -> TitleRules:
    if id_ not in titles.rule_set_ids():
        raise Refused(f"没有 {id_} 这个标准。可用的有：{'、'.join(titles.rule_set_ids())}")
    return _load(id_)


def _echo_head(citation: Citation, more: Iterable[tuple[str, str]]) -> None:
    click.echo(f"{citation.id}  {citation.title}")
    for label, words in (*facts_of(citation), *more, *(("原文", link) for link in citation.links)):
        click.echo(f"{label}：{words}")


def _echo(title: str, entries: Iterable[str]) -> None:
    found = list(entries)
    if found:
        click.echo("\n".join([f"\n{title}", *found]))


def _clause(line: Line) -> str:
    told = (line.band, line.label, line.requirement, line.note, line.asked, line.clause, line.grade)
    return f"{'  ' * (line.depth + 1)}{'  '.join(words for words in told if words)}"


def _indicator(one: IndicatorLine) -> Iterator[str]:
    yield f"  {one.group}  {one.label}  最高 {one.maximum} 分  {one.basis}  {one.clause}  {one.grade}"
    yield from (f"    {words}：{number(points)} 分" for words, points in one.steps)
    yield from (f"    {_clause(part)}" for part in one.parts)


def _setting(one: Setting) -> str:
    return f"  {one.label}  {one.value}  {one.clause}  {one.grade}"


def _change(one: Change) -> str:
    told = [
        f"{'，'.join(said)}（{clause}）"
        for said, clause in ((one.old, one.old_clause), (one.new, one.new_clause))
        if said
    ]
    return f"  {one.fate.label}  {one.label}：{' → '.join(told)}"


def _line(id_: str, rules: TitleRules) -> list[str]:
    citation = rules.citation
    counts = describe(rules, FACTS).counts
    return [id_, citation.title, citation.number, counts, citation.evidence.label]


def _load(id_: str) -> TitleRules:
    try:
        return titles.load_title_rules(id_, FACTS)
    except RuleSetError as error:
        raise Refused(str(error)) from error


def _problem(id_: str) -> str:
    try:
        titles.load_title_rules(id_, FACTS)
    except RuleSetError as error:
        return str(error)
    return ""
