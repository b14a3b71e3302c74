"""`registry policy`: the rule files, and which one a round goes by."""

from __future__ import annotations

import click

from registry.assessments.catalogue import FACTS
from registry.commands.running import Refused
from registry.policy import published, rounds, titles
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.rulesets import RuleSetError, load_size_ruleset


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


def _line(id_: str, rules: TitleRules) -> list[str]:
    counts = f"{len(rules.criteria)} 项条件"
    if rules.indicators:
        counts += f"、{len(rules.indicators)} 项指标"
    citation = rules.citation
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
