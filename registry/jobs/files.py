"""Files that jobs deliver: under the instance folder, with random names, for a few days."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from registry import clock
from registry.config import Settings

FOLDER = "job-files"


def new_token() -> str:
    return secrets.token_urlsafe(24)


def path_of(settings: Settings, token: str) -> Path:
    """Where the file with this token is kept; its folder is there afterwards."""
    folder = settings.instance / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / token


def remove_old(settings: Settings) -> int:
    """Remove what is older than `job_file_days`; how many files that were."""
    folder = settings.instance / FOLDER
    if not folder.is_dir():
        return 0
    oldest = (clock.now() - timedelta(days=settings.job_file_days)).timestamp()
    old = [path for path in folder.iterdir() if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
