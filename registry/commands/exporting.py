"""`registry export` and `template`: the same workbooks as the pages hand out."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from registry import clock, db
from registry.audit.exports import ExportResult, write_export
from registry.commands.running import Refused, allowed_actor, installation
from registry.exports import blanks
from registry.exports import services as exports
from registry.permissions import Actor, Permission
from registry.recognitions.catalogue import Title
from registry.recognitions.queries import RecognitionFilter
from registry.regions.scoping import narrow_by_words
from registry.registers.filtering import EnterpriseFilter
from registry.reports import services as reports

Write = Callable[[Session, Actor, Path], ExportResult]


@click.group("export", help="导出 Excel 工作簿")
def export_group() -> None:
    pass


def _options(*extra: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The target, the account, and what narrows the rows."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(extra):
            command = option(command)
        command = click.option("--as", "login", required=True, help="以哪个账号的权限和辖区导出")(
            command
        )
        return click.argument("out", type=click.Path(path_type=Path, dir_okay=False))(command)

    return add


_REGION = click.option("--region", default="", help="区划代码或名称，默认账号的辖区")
_YEAR = click.option("--year", type=click.IntRange(1990, 2100), help="年度，默认全部")
_TITLE = click.option("--title", type=click.Choice([title.value for title in Title]), help="称号")


@export_group.command(help="企业名单")
@_options(
    _REGION,
    _TITLE,
    click.option("--q", default="", help="名称、信用代码或拼音首字母"),
    click.option("--industry", default="", help="行业代码，可写门类字母"),
    click.option("--contact", is_flag=True, help="含联系方式，须有相应权限"),
)
def enterprises(out: Path, login: str, contact: bool, **words: Any) -> None:
    def write(session: Session, actor: Actor, target: Path) -> ExportResult:
        export = exports.export_enterprises(session, actor, _filter(words), contact=contact)
        return export.write(target, _progress)

    _export(out, login, write)


@export_group.command(help="年度指标")
@_options(_REGION, _YEAR, _TITLE)
def annual(out: Path, login: str, **words: Any) -> None:
    def write(session: Session, actor: Actor, target: Path) -> ExportResult:
        return exports.export_annual(session, actor, _filter(words)).write(target, _progress)

    _export(out, login, write)


@export_group.command(help="称号")
@_options(_REGION, _TITLE)
def recognitions(out: Path, login: str, region: str, title: str | None) -> None:
    wanted = RecognitionFilter(day=clock.today(), title=Title(title) if title else None)

    def write(session: Session, actor: Actor, target: Path) -> ExportResult:
        scope, _ = narrow_by_words(session, actor.scope, region)
        export = exports.export_recognitions(session, actor, wanted, scope=scope)
        return export.write(target, _progress)

    _export(out, login, write)


@export_group.command(help="报部委的年度汇总表")
@_options(
    click.option("--year", type=click.IntRange(1990, 2100), required=True, help="年度"),
    click.option("--confirmed", is_flag=True, help="只统计已审核的"),
)
def summary(out: Path, login: str, year: int, confirmed: bool) -> None:
    basis = reports.Basis.CONFIRMED if confirmed else reports.Basis.COUNTED
    options = reports.SummaryOptions(year=year, basis=basis)

    def write(session: Session, actor: Actor, target: Path) -> ExportResult:
        return reports.export_summary(session, actor, options).write(target, _progress)

    _export(out, login, write)


@click.command(help="空白导入模板：enterprises、annual、recognitions、applications 或一种佐证")
@click.argument("kind", type=click.Choice(list(blanks.BLANKS)))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
def template(kind: str, out: Path) -> None:
    with _replacing(out) as target:
        blanks.write(kind, target, installation(ready=False).settings.province_code)
    click.echo(f"已写出 {out}")


def _filter(words: dict[str, Any]) -> EnterpriseFilter:
    given = {key: str(value) for key, value in words.items() if value is not None}
    return EnterpriseFilter.from_args(given)


def _export(out: Path, login: str, write: Write) -> None:
    place = installation()
    with _replacing(out) as target, db.open_session(place.engine, read_only=True) as session:
        actor = allowed_actor(session, login, Permission.EXPORT)
        result = write(session, actor, target)
        db.record(place.engine, lambda apart: write_export(apart, actor, result))
    click.echo(f"已写出 {out}，{result.rows} 行。")


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """A file beside the target that takes its place only when it is whole."""
    if not out.parent.is_dir():
        raise Refused(f"文件夹 {out.parent} 不存在，请先建立")
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".registry-") as folder:
            part = Path(folder) / "part.xlsx"
            yield part
            part.replace(out)
    except OSError as error:
        raise Refused(f"无法写入 {out}，请核对文件夹权限和剩余空间") from error


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r已写 {done} / {total} 行", nl=done >= total, err=True)
