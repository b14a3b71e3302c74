"""`registry …`: set up, serve, manage accounts, import and export from the command line."""

from __future__ import annotations

import logging

import click
from sqlalchemy.exc import OperationalError

from registry import config
from registry.commands import (
    accounts,
    assessing,
    benching,
    exporting,
    importing,
    policy,
    serving,
    setup,
)
from registry.commands.running import Refused
from registry.errors import RegistryError


class _Group(click.Group):
    """Refusals reach the person as one sentence, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RegistryError as error:
            details = getattr(error, "fields", {}).values()
            raise Refused("\n".join(dict.fromkeys([error.message, *details]))) from error
        except config.SettingsError as error:
            raise Refused(str(error)) from error
        except OperationalError as error:
            raise Refused("数据库无法连接或正忙，请核对 REGISTRY_DATABASE_URL 后重试。") from error


@click.group(cls=_Group, help="优质中小企业梯度培育管理系统")
def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


main.add_command(setup.init)
main.add_command(setup.demo)
main.add_command(serving.serve)
main.add_command(serving.worker)
main.add_command(setup.migrate)
main.add_command(accounts.user)
main.add_command(importing.import_group)
main.add_command(exporting.export_group)
main.add_command(exporting.template)
main.add_command(benching.bench)
main.add_command(policy.policy)
main.add_command(assessing.assess)


if __name__ == "__main__":
    main()
