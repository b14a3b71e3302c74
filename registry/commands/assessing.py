"""`registry assess`: the standings of the whole register, for a nightly run."""

from __future__ import annotations

import click

from registry import clock
from registry.assessments import register
from registry.commands.running import installation
from registry.db import transaction
from registry.permissions import Scope
from registry.recognitions.catalogue import Title


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
