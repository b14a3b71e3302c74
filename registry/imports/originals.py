"""The workbooks as they were sent, kept under their hash for as long as the settings say."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from registry import clock
from registry.config import Settings

FOLDER = "originals"


def keep(settings: Settings, source: Path, sha256: str) -> Path:
    """Keep a copy; the same file sent twice is kept once, and its time begins anew."""
    target = path_of(settings, sha256)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole under another name first: a reader must not find half a file.
    partial = target.with_suffix(f".{id(source):x}.part")
    shutil.copyfile(source, partial)
    partial.replace(target)
    return target


def path_of(settings: Settings, sha256: str) -> Path:
    return settings.instance / FOLDER / sha256[:2] / f"{sha256}.xlsx"


def remove_old(settings: Settings) -> int:
    """Remove what is older than `original_days`; how many files that were."""
    oldest = (clock.now() - timedelta(days=settings.original_days)).timestamp()
    return sum(_remove(path, oldest) for path in (settings.instance / FOLDER).glob("*/*"))


def _remove(path: Path, oldest: float) -> bool:
    try:
        if path.stat().st_mtime >= oldest:
            return False
        path.unlink()
    except FileNotFoundError:
        # Its copying was finished, or somebody else removes it.
        return False
    return True
