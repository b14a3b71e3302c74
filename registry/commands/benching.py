"""`registry bench`: how fast it is, as a ratio to the least it could cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module

import click

from registry.bench.running import Measured

Benchmark = Callable[[str | None, int, Callable[[str], None]], Measured]
BENCHMARKS = {
    "import": ("importing", "measure"),
    "reimport": ("importing", "measure_again"),
    "export": ("exporting", "measure"),
    "assess": ("assessing", "measure"),
    "policy-change": ("assessing", "measure_change"),
}
"""Module of `registry.bench` and function. Some compare with libraries that the product goes without."""


def _benchmark(name: str) -> Benchmark:
    module, function = BENCHMARKS[name]
    try:
        found: Benchmark = getattr(import_module(f"registry.bench.{module}"), function)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"缺少 {error.name}：测量速度需要开发环境，请在源代码目录运行 make setup"
        ) from error
    return found


@click.command("bench", help="测量速度：与同一次运行中的下限相比")
@click.argument("name", type=click.Choice(list(BENCHMARKS)))
@click.option("--rows", type=click.IntRange(100, 1_000_000), default=10_000, show_default=True)
@click.option("--database", "url", help="PostgreSQL 地址；不写则用临时 SQLite")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def bench(name: str, rows: int, url: str | None, as_json: bool) -> None:
    measured = _benchmark(name)(url, rows, lambda text: click.echo(text, err=True))
    if as_json:
        click.echo(json.dumps(measured.as_json()))
        return
    click.echo(
        f"{measured.seconds:.2f} 秒，下限 {measured.floor_seconds:.2f} 秒，"
        f"比值 {measured.ratio:.2f}，内存 {measured.peak_mb:.0f} MB"
    )
