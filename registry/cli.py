"""`registry …`: set up, serve, manage accounts, import and export from the command line."""

from __future__ import annotations

import logging
from importlib import import_module

import click
from sqlalchemy.exc import OperationalError

from registry import config
from registry.commands.running import Refused
from registry.errors import RegistryError

_COMMANDS = {
    "init": "setup:init",
    "demo": "setup:demo",
    "serve": "serving:serve",
    "worker": "serving:worker",
    "migrate": "setup:migrate",
    "user": "accounts:user",
    "import": "importing:import_group",
    "export": "exporting:export_group",
    "template": "exporting:template",
    "bench": "benching:bench",
    "policy": "policy:policy",
    "assess": "assessing:assess",
    "remind": "reminding:remind",
    "verify-decisions": "assessing:verify_decisions",
}
"""Name -> module of `registry.commands` and what it is called there. Only the one that is asked for
is imported: all of them together take two seconds."""


class _Group(click.Group):
    """Refusals reach the person as one sentence, never as a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"registry.commands.{module}"), name)
        return command

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


if __name__ == "__main__":
    main()
