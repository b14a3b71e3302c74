"""What a person reads about the places they are signed in at."""

from __future__ import annotations

import pytest

from registry.accounts.browsers import browser_label

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (f"Mozilla/5.0 (Windows NT 6.1; Win64; x64) {CHROME}", "Chrome 109，Windows 7"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Edg/131.0.0.0", "Edge 131，Windows"),
        (f"Mozilla/5.0 (X11; Linux aarch64) {CHROME} Qaxbrowser", "360 或奇安信浏览器，Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} QQBrowser/13.0", "QQ 浏览器，Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox 140，Linux"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1 Version/18 Safari/604.1", "Safari，iOS"),
        ("", "未知浏览器"),
        ("curl/8.5", "未知浏览器"),
    ],
)
def test_browsers_are_named(user_agent: str, label: str) -> None:
    assert browser_label(user_agent) == label
