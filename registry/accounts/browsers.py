"""A browser as its owner knows it, from what it says about itself."""

from __future__ import annotations

import re

# The first that matches counts: most browsers also call themselves Chrome and Safari.
_BROWSERS = (
    (r"Qaxbrowser|QIHU|360[ES]E", "360 或奇安信浏览器"),
    (r"QQBrowser", "QQ 浏览器"),
    (r"Edge?/(\d+)", "Edge"),
    (r"Firefox/(\d+)", "Firefox"),
    (r"Chrome/(\d+)", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"Windows NT 6\.1", "Windows 7"),
    (r"Windows", "Windows"),
    (r"Android", "安卓"),
    (r"iPhone|iPad", "iOS"),
    (r"Mac OS X", "macOS"),
    (r"Linux", "Linux"),
)


def browser_label(user_agent: str) -> str:
    """`Chrome 109，Windows 7`; 未知浏览器 when it does not say."""
    named = ((re.search(pattern, user_agent), name) for pattern, name in _BROWSERS)
    browser = next(
        (f"{name} {found[1]}" if found.lastindex else name for found, name in named if found),
        "未知浏览器",
    )
    system = next((name for pattern, name in _SYSTEMS if re.search(pattern, user_agent)), "")
    return f"{browser}，{system}" if system else browser
