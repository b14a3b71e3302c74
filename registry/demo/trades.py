"""What the invented firms make: trades at home in Gansu's cities, with the habits of each."""

from __future__ import annotations

from dataclasses import dataclass

from registry.demo.words import DATA

CHAINS: list[str] = DATA["trades"]["chains"]
"""The province follows fourteen chains; the names here are general ones."""
ANYWHERE = "*"
NEW_AREA = "XQ"
"""兰州新区, whose trades are not those of 兰州."""
HOME, ELSEWHERE = 6, 1
"""How much likelier a trade is where it is at home than where it may be found at all."""


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade. `homes` are the third and fourth digits of city codes, `*` for all of them.

    `per_head` is revenue in 万元 a person at 5,000 万元 of revenue, `margin` the gross margin and
    `research` R&D ÷ revenue of a middling firm, `energy` 吨标准煤 and `water` 立方米 for one
    万元 of value added.
    """

    code: str
    words: str
    products: str
    chain: str
    homes: str
    per_head: float
    margin: float
    research: float
    energy: float
    water: float

    @property
    def is_industry(self) -> bool:
        """Whether 规上工业 can be said of it: mining, manufacturing, utilities."""
        return "06" <= self.code[:2] <= "46"


TRADES = tuple(Trade(*row) for row in DATA["trades"]["rows"])


def likelihood(trade: Trade, city: str) -> int:
    """How likely a firm of `city` (two digits, or NEW_AREA) is of this trade; 0 means never."""
    homes = trade.homes.split()
    if city in homes:
        return HOME
    return ELSEWHERE if ANYWHERE in homes else 0
