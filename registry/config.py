"""Settings, read once from `REGISTRY_…` environment variables."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_PACKED = PACKAGE / "_data"
DATA_ROOT = _PACKED if _PACKED.is_dir() else PACKAGE.parent
"""Where templates, migrations and blank workbooks are: inside a wheel, or the checkout."""

SHORTEST_SECRET = 32
TRUE_WORDS = {"1", "true", "yes", "on"}


class SettingsError(ValueError):
    """A variable that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between one installation and another."""

    database_url: str
    secret_key: str
    instance: Path
    province_code: str = "620000"
    separate_units: frozenset[str] = frozenset({"620171"})
    """Zones that count as reporting units of their own beside the cities (兰州新区)."""
    renewal_keeps_title: bool = True
    """Whether a title counts on past its validity while its 复核 is open (policy §9.1, B-)."""
    higher_title_spares_lower: bool = True
    """Whether who holds a higher title need not apply for the one below (policy §1.1, B-)."""
    unit_name: str = "甘肃省工业和信息化厅"
    https: bool = False
    trusted_hosts: tuple[str, ...] = ()
    proxies: int = 0
    workers: int = 2
    session_idle: timedelta = timedelta(minutes=30)
    session_absolute: timedelta = timedelta(hours=12)
    upload_limit: int = 60 * 1024 * 1024
    queue_url: str = ""
    """Where jobs wait: redis://… or postgresql://…; empty is a file in the instance folder."""
    jobs_immediate: bool = False
    """Run a job in the process that commits it, for tests."""
    job_workers: int = 2
    """One long job must not keep a second person waiting; the machines are small."""
    job_silence: timedelta = timedelta(seconds=30)
    """After how long without a sign of life a job's worker counts as gone."""
    job_file_days: int = 7
    original_days: int = 365
    """How long imported workbooks are kept as they were sent."""
    proof_limit: int = 10 * 1024 * 1024
    """Bytes of one file that proves an item of evidence."""


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; make the instance folder and its secret key on first use.

    Raises SettingsError when a variable is present but unusable.
    """
    env = os.environ if environ is None else environ
    instance = Path(env.get("REGISTRY_INSTANCE", "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    defaults = Settings(database_url="", secret_key="", instance=instance)
    given = env.get("REGISTRY_SECRET_KEY", "")
    return Settings(
        database_url=env.get("REGISTRY_DATABASE_URL") or f"sqlite:///{instance / 'registry.db'}",
        secret_key=_given_secret(given) if given else _kept_secret(instance / "secret_key"),
        instance=instance,
        province_code=env.get("REGISTRY_PROVINCE", defaults.province_code),
        separate_units=_words(env, "REGISTRY_SEPARATE_UNITS", defaults.separate_units),
        renewal_keeps_title=_truth(env, "REGISTRY_RENEWAL_KEEPS_TITLE", default=True),
        higher_title_spares_lower=_truth(env, "REGISTRY_HIGHER_TITLE_SPARES_LOWER", default=True),
        unit_name=env.get("REGISTRY_UNIT_NAME", defaults.unit_name),
        https=_truth(env, "REGISTRY_HTTPS", default=False),
        trusted_hosts=tuple(sorted(_words(env, "REGISTRY_HOSTS", frozenset()))),
        proxies=_number(env, "REGISTRY_PROXIES", 0, 5, defaults.proxies),
        workers=_number(env, "REGISTRY_WORKERS", 1, 64, defaults.workers),
        upload_limit=_number(env, "REGISTRY_UPLOAD_MB", 1, 200, 60) * 1024 * 1024,
        queue_url=_queue_url(env.get("REGISTRY_QUEUE_URL", "")),
        job_workers=_number(env, "REGISTRY_JOB_WORKERS", 1, 16, defaults.job_workers),
        job_silence=timedelta(seconds=_number(env, "REGISTRY_JOB_SILENCE", 2, 3600, 30)),
        job_file_days=_number(env, "REGISTRY_JOB_FILE_DAYS", 1, 365, defaults.job_file_days),
        original_days=_number(env, "REGISTRY_ORIGINAL_DAYS", 1, 3650, defaults.original_days),
        proof_limit=_number(env, "REGISTRY_PROOF_MB", 1, 60, 10) * 1024 * 1024,
    )


def _truth(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "")
    return text.lower() in TRUE_WORDS if text else default


def _number(env: Mapping[str, str], name: str, low: int, high: int, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingsError(f"{name} 应为 {low} 到 {high} 之间的整数，现为“{text}”")
    return int(text)


def _queue_url(text: str) -> str:
    if text and not text.startswith(("redis://", "rediss://", "postgresql", "postgres://")):
        raise SettingsError("REGISTRY_QUEUE_URL 应以 redis:// 或 postgresql:// 开头，或不设")
    return text


def _words(env: Mapping[str, str], name: str, default: frozenset[str]) -> frozenset[str]:
    text = env.get(name)
    if text is None:
        return default
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def _given_secret(text: str) -> str:
    if len(text) < SHORTEST_SECRET:
        raise SettingsError(
            f"REGISTRY_SECRET_KEY 至少 {SHORTEST_SECRET} 个字符，现为 {len(text)} 个"
        )
    return text


def _kept_secret(path: Path) -> str:
    """A random key kept beside the database, so that forms survive a restart.

    Written whole before it gets its name: another worker that starts now must not read half.
    """
    if not path.exists():
        descriptor, made = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            path.hardlink_to(made)
        Path(made).unlink()
    return path.read_text(encoding="ascii").strip()
