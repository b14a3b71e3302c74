"""`registry …`: set up, serve, manage accounts, import and export from the command line."""

from __future__ import annotations

import logging

import click

from registry import config
from registry.commands import accounts, exporting, importing, setup
from registry.errors import RegistryError


class _Group(click.Group):
    """Refusals reach the person as one sentence, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RegistryError as error:
            raise click.ClickException(error.message) from error
        except config.SettingsError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group, help="优质中小企业梯度培育管理系统")
def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")


main.add_command(setup.init)
main.add_command(setup.demo)
main.add_command(setup.serve)
main.add_command(setup.migrate)
main.add_command(accounts.user)
main.add_command(importing.import_group)
main.add_command(exporting.export_group)
main.add_command(exporting.template)
