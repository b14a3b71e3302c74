"""`registry remind`: the reminders of today, for an installation whose worker does not run."""

from __future__ import annotations

import click

from registry.commands.running import installation
from registry.db import transaction
from registry.permissions import Scope
from registry.worklist import reminding


@click.command("remind", help="生成到今天为止应有的提醒；可每天运行，重复运行不会重复提醒")
def remind() -> None:
    place = installation()
    with transaction(place.engine) as session:
        plan = reminding.remind(session, Scope(f"{place.settings.province_code}/"))
    click.echo(f"新提醒 {len(plan.new):,} 条，已办结不再提醒 {len(plan.settled):,} 条。")
