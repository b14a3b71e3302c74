"""`registry assess`: the standings of the whole register, for a nightly run; and whether what was
kept still comes out as it did."""

from __future__ import annotations

import click

from registry import clock
from registry.assessments import register
from registry.assessments.verifying import verify
from registry.commands.running import Refused, installation
from registry.db import open_session, transaction
from registry.permissions import Scope
from registry.recognitions.catalogue import Title

SHOWN = 20
"""Differences that are told; the others are counted."""


@click.command("assess", help="按现有资料重新测算全部在库企业，供晋级测算使用；可每晚运行")
@click.option("--title", type=click.Choice([title.value for title in Title]), help="称号，默认全部")
@click.option("--year", type=click.IntRange(2000, 2100), help="申报年度，默认今年")
def assess(title: str | None, year: int | None) -> None:
    place = installation()
    wanted = [Title(title)] if title else list(Title)
    scope = Scope(f"{place.settings.province_code}/")
    year = year or clock.today().year
    with transaction(place.engine) as session:
        found = register.evaluate_all(session, scope, year, wanted)
    for one, evaluated in found.items():
        told = f"{evaluated.firms:,} 家，按 {evaluated.rule_set}"
        if not evaluated.rule_set:
            told = f"未配置依据：{evaluated.reason}"
        click.echo(f"{one.label}（{year}年度新认定）：{told}")


@click.command(
    "verify-decisions", help="把留存的每份评价按当时的标准和数据重新推算，与留存的结论逐条比较"
)
def verify_decisions() -> None:
    """Ends with 1 when any comes out otherwise."""
    place = installation()
    total = unlike = reworded = 0
    with open_session(place.engine, read_only=True) as session:
        for one in verify(session):
            total += 1
            unlike += bool(one.problems)
            reworded += not one.problems and not one.is_same_text
            if one.problems and unlike <= SHOWN:
                kept = one.kept
                click.echo(
                    f"评价 {kept.id}，{kept.enterprise.name}，{kept.rule_set}："
                    + "；".join(one.problems)
                )
    told = f"重新推算 {total:,} 份：结论一致 {total - unlike:,} 份，不一致 {unlike:,} 份"
    if reworded:
        told += f"；一致的当中 {reworded:,} 份的说法与留存时不同"
    if unlike:
        raise Refused(f"{told}。")
    click.echo(f"{told}。")
