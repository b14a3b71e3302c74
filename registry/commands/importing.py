"""`registry import`: the same reading, checks and writing as the pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from registry.commands.running import Installation, allowed_actor, installation
from registry.db import transaction
from registry.errors import UnusableFile
from registry.imports import services as imports
from registry.imports.planning import Options
from registry.imports.findings import Examination, Finding, RowAction, Severity
from registry.imports.kinds import KINDS
from registry.imports.services import Upload
from registry.permissions import Permission

WRITTEN, ROW_ERRORS, UNUSABLE = 0, 1, 2
SHOWN = 50


@click.group("import", help="从 Excel 导入企业、年度指标或称号")
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
    import_group.add_command(_import_command(_kind.key, _kind.label))


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
        path=file, filename=file.name, kind=KINDS[kind], options=Options(year, submit, note)
    )
    try:
        found, written = _examine_and_write(place, upload, login, dry_run=dry_run)
    except UnusableFile as error:
        _say_unusable(error, as_json=as_json)
        sys.exit(UNUSABLE)
    if as_json:
        click.echo(json.dumps(imports.as_json(found, written=written), ensure_ascii=False))
    else:
        _say(found, written=written, dry_run=dry_run)
    sys.exit(ROW_ERRORS if found.has_errors else WRITTEN)


def _examine_and_write(
    place: Installation, upload: Upload, login: str, *, dry_run: bool
) -> tuple[Examination, bool]:
    if not upload.path.is_file():
        raise UnusableFile("no_file", f"找不到文件 {upload.filename}，请核对路径")
    with transaction(place.engine) as session:
        actor = allowed_actor(session, login, Permission.IMPORT)
        found = imports.examine(session, actor, place.settings, upload)
        if dry_run or found.has_errors:
            return found, False
        imports.write_now(session, actor, upload, found)
    return found, True


def _say_unusable(error: UnusableFile, *, as_json: bool) -> None:
    finding = Finding(severity=Severity.ERROR, code=error.code, message=error.message)
    if as_json:
        empty = Examination([], [finding])
        click.echo(json.dumps(imports.as_json(empty, written=False), ensure_ascii=False))
    else:
        click.echo(error.message, err=True)


def _say(found: Examination, *, written: bool, dry_run: bool) -> None:
    for severity, word in (
        (Severity.ERROR, "错误"),
        (Severity.WARNING, "提醒"),
        (Severity.NOTICE, "读作"),
    ):
        items = found.all_findings(severity)
        for item in items[:SHOWN]:
            sheet = f"{item.sheet} " if item.sheet else ""
            click.echo(f"{word}：{sheet}{item.place}，{item.message}")
        if len(items) > SHOWN:
            click.echo(f"……另有 {len(items) - SHOWN} 条{word}，用 --json 查看全部")
    counts = "，".join(f"{action.label} {found.count(action)}" for action in RowAction)
    click.echo(f"{counts}。")
    if written:
        click.echo("已写入。")
    else:
        click.echo("只检查，没有写入。" if dry_run and not found.has_errors else "没有写入。")
