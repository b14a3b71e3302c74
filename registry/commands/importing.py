"""`registry import`: the same reading, checks and writing as the pages."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from registry.commands.running import Installation, allowed_actor, installation
from registry.db import commit, open_session
from registry.errors import UnusableFile
from registry.imports import services
from registry.imports.findings import Finding, RowAction, Severity
from registry.imports.kinds import KINDS
from registry.imports.planning import Options
from registry.imports.services import Upload
from registry.imports.telling import Report, report_of
from registry.permissions import Permission

WRITTEN, ROW_ERRORS, UNUSABLE = 0, 1, 2
SHOWN = 50


class _Kinds(click.Group):
    """Kinds by their keys, with dashes as well, as commands are usually written."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name.replace("-", "_"))


@click.group("import", cls=_Kinds, help="从 Excel 导入企业、年度指标、称号、申报或佐证")
def import_group() -> None:
    pass


def _import_command(kind: str, label: str) -> click.Command:
    def run(**options: Any) -> None:
        _run_import(kind, **options)

    parameters: list[click.Parameter] = [
        click.Argument(["file"], type=click.Path(path_type=Path)),
        click.Option(["--as", "login"], required=True, help="以哪个账号的权限和辖区导入"),
        click.Option(["--note"], default="", help="对提醒的说明，随批次保存"),
        click.Option(["--dry-run"], is_flag=True, help="只检查，不写入"),
        click.Option(["--json", "as_json"], is_flag=True, help="输出一个 JSON 对象"),
    ]
    if kind == "annual":
        parameters += [
            click.Option(["--year"], type=click.IntRange(1990, 2100), help="没有年度列时的年度"),
            click.Option(["--submit"], is_flag=True, help="导入后直接提交审核"),
        ]
    return click.Command(kind, params=parameters, callback=run, help=f"导入{label}")


for _kind in KINDS.values():
    import_group.add_command(_import_command(_kind.key, _kind.full_label))


def _run_import(
    kind: str,
    file: Path,
    login: str,
    note: str,
    dry_run: bool,
    as_json: bool,
    year: int | None = None,
    submit: bool = False,
) -> None:
    place = installation()
    upload = Upload(
        path=file,
        filename=file.name,
        kind=KINDS[kind],
        options=Options(year=year, submits=submit, note=note),
    )
    try:
        report = _import(place, upload, login, dry_run=dry_run)
    except UnusableFile as error:
        _say_unusable(error, as_json=as_json)
        sys.exit(UNUSABLE)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _say(report, dry_run=dry_run)
    sys.exit(ROW_ERRORS if report.of(Severity.ERROR) else WRITTEN)


def _import(place: Installation, upload: Upload, login: str, *, dry_run: bool) -> Report:
    """Read, check and, when nothing is wrong, write. Without writing all of it is rolled back."""
    if not upload.path.is_file():
        raise UnusableFile("no_file", f"找不到文件 {upload.filename}，请核对路径")
    with open_session(place.engine) as session:
        actor = allowed_actor(session, login, Permission.IMPORT)
        batch = services.stage(session, actor, place.settings, upload)
        report = report_of(session, batch)
        if dry_run or batch.error_count:
            return report
        services.confirm(session, actor, batch.id)
        commit(session)
    return replace(report, written=True)


def _say_unusable(error: UnusableFile, *, as_json: bool) -> None:
    if as_json:
        finding = Finding(severity=Severity.ERROR, code=error.code, message=error.message)
        report = Report({}, [finding.as_json()])
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        click.echo(error.message, err=True)


def _say(report: Report, *, dry_run: bool) -> None:
    for severity in Severity:
        items = report.of(severity)
        for item in items[:SHOWN]:
            place = Finding(
                severity=severity, code="", message="", row=item["row"], column=item["column"]
            ).place
            sheet = f"{item['sheet']} " if item["sheet"] else ""
            click.echo(f"{severity.label}：{sheet}{place}，{item['message']}")
        if len(items) > SHOWN:
            click.echo(f"……另有 {len(items) - SHOWN} 条{severity.label}，用 --json 查看全部")
    counts = "，".join(f"{action.label} {report.counts[action]}" for action in RowAction)
    click.echo(f"{counts}。")
    if report.written:
        click.echo("已写入。")
    else:
        click.echo(
            "只检查，没有写入。" if dry_run and not report.of(Severity.ERROR) else "没有写入。"
        )
