"""`registry serve` and `worker`: the website, and the process that runs its long work."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time

import click
from gunicorn.app.base import BaseApplication

from registry.app import create_app
from registry.commands.running import installation
from registry.config import Settings
from registry.jobs import worker as job_worker
from registry.worklist import reminding

STOP_SECONDS = 20
REST_SECONDS = 1
LONGEST_REST_SECONDS = 30

log = logging.getLogger("registry")


@click.command(help="启动网站，以及处理后台任务的进程")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8000, show_default=True, help="监听端口")
@click.option(
    "--no-worker", is_flag=True, help="不启动后台任务进程（由别处的 registry worker 处理）"
)
def serve(host: str, port: int, no_worker: bool) -> None:
    place = installation()
    place.engine.dispose()
    click.echo(f"网址：http://{host}:{port}/  （按 Ctrl+C 停止）")
    _Server(place.settings, f"{host}:{port}", None if no_worker else _Companion()).run()


@click.command(help="只处理后台任务，不启动网站")
@click.option("--with-parent", is_flag=True, hidden=True)
def worker(with_parent: bool) -> None:
    """With `--with-parent` it ends when the process that started it is gone."""
    parent = os.getppid() if with_parent else None
    place = installation()
    place.engine.dispose()
    job_worker.work(place.settings, parent=parent, chores=(reminding.keep_up,))


class _Companion:
    """The worker beside the server: started once, started again when it dies, stopped with it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        # A server process forked while the worker is being started would inherit the pipe at whose
        # end `Popen` waits, and keep it open for as long as it lives.
        self._forking = threading.Lock()
        os.register_at_fork(
            before=self._forking.acquire,
            after_in_parent=self._forking.release,
            after_in_child=self._forking.release,
        )

    def start(self, _server: object) -> None:
        threading.Thread(target=self._keep, name="worker", daemon=True).start()

    def stop(self, _server: object) -> None:
        self._stopping.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

    def _keep(self) -> None:
        rest = REST_SECONDS
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = self._begin()
            self._process.wait()
            if self._stopping.is_set():
                return
            log.warning("the worker has ended and is started again")
            lived = time.monotonic() - started
            rest = REST_SECONDS if lived > LONGEST_REST_SECONDS else rest
            self._stopping.wait(rest)
            rest = min(rest * 2, LONGEST_REST_SECONDS)

    def _begin(self) -> subprocess.Popen[bytes]:
        """In a session of its own, so that Ctrl+C reaches it through the server only."""
        command = [sys.executable, "-m", "registry.cli", "worker", "--with-parent"]
        with self._forking:
            return subprocess.Popen(command, start_new_session=True)  # noqa: S603  our own program


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with our settings, so that one command serves the product."""

    def __init__(self, settings: Settings, address: str, companion: _Companion | None) -> None:
        self.settings = settings
        self.address = address
        self.companion = companion
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, object] = {
            "bind": self.address,
            "workers": self.settings.workers,
            "worker_class": "gthread",
            "threads": 4,
            "timeout": 120,
            "accesslog": "-",
            "control_socket_disable": True,
            "access_log_format": '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(M)sms',
        }
        if self.companion is not None:
            options |= {"when_ready": self.companion.start, "on_exit": self.companion.stop}
        for key, value in options.items():
            self.cfg.set(key, value)

    def load(self) -> object:
        return create_app(self.settings)
