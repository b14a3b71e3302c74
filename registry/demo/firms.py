"""Invented firms: what each is called, where it is, what it makes, and what became of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from stdnum.cn import uscc

from registry.demo import figures, words
from registry.demo.chance import around, stream, within
from registry.demo.figures import Core, Habits
from registry.demo.places import AREA_CODES, Place, spread
from registry.demo.trades import TRADES, Trade, likelihood
from registry.enterprises.models import EnterpriseStatus
from registry.fields import Value
from registry.recognitions.catalogue import EndKind

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WRONG_DIGIT_EVERY = 290
RENAMED, MOVED, FROM_ADDRESS = 18, 10, 12
ENDED = (
    *(EnterpriseStatus.DEREGISTERED,) * 12,
    *(EnterpriseStatus.MOVED_OUT,) * 7,
    *(EnterpriseStatus.MERGED,) * 5,
)


@dataclass(slots=True, kw_only=True)
class Ending:
    """How a firm or a title ended. `into` is the number of the firm that took a firm over."""

    kind: EnterpriseStatus | EndKind
    ended_on: date
    reason: str
    document_no: str = ""
    into: int | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Firm:
    """One invented firm. `values` are its master data as they are now."""

    number: int
    place: Place
    trade: Trade
    brand: str
    founded_on: date
    habits: Habits
    cores: dict[int, Core]
    values: dict[str, Value | None] = field(default_factory=dict)
    former_name: str = ""
    former_place: Place | None = None
    changed_on: date | None = None
    """The day of the new name or the move."""
    region_from_address: bool = False
    ending: Ending | None = None

    @property
    def uscc(self) -> str:
        return str(self.values["uscc"])

    @property
    def is_above_scale(self) -> bool:
        # 规上 follows last year's main revenue, with a year's delay now and then.
        return self.trade.is_industry and self.habits.revenue > figures.ABOVE_SCALE * 1.06


def invent_firms(places: Sequence[Place], today: date, years: Sequence[int]) -> list[Firm]:
    """About six hundred firms, the same each time for the same years."""
    rng = stream("firms")
    brands = words.brands(rng)
    firms = [
        _invent(number, place, brands[number], years)
        for number, place in enumerate(spread(rng, places), start=1)
    ]
    figures.level(((firm.is_above_scale, firm.habits, firm.cores) for firm in firms), years)
    for firm in firms:
        firm.values = _values(firm, years)
    _choose_leaders(firms)
    _change_some(firms, places, today, years)
    _end_some(firms, today)
    return firms


def credit_code(place: Place, number: int) -> str:
    """A code with right check digits that no firm can have: organisation codes in letters begin
    with MA, these with DEM. One in some hundreds gets a wrong last digit."""
    area = place.above.code if place.is_zone else place.code
    stem = f"DEM{number:05d}"
    pairs = zip(stem, _ORGANISATION_WEIGHTS, strict=True)
    rest = 11 - sum(_DIGITS.index(char) * weight for char, weight in pairs) % 11
    body = f"91{area}{stem}{'X' if rest == 10 else rest % 11}"
    digit = uscc.calc_check_digit(body)
    if number % WRONG_DIGIT_EVERY == 0:
        digit = _DIGITS[(_DIGITS.index(digit) + 1) % len(_DIGITS)]
    return body + digit


def _invent(number: int, place: Place, brand: str, years: Sequence[int]) -> Firm:
    rng = stream("firm", number)
    weights = [likelihood(trade, place.city) for trade in TRADES]
    trade = rng.choices(TRADES, weights)[0]
    habits = figures.invent_habits(rng, trade)
    founded = years[-1] - 1 - min(28, round(around(rng, 10, 0.55)))
    if rng.random() < 0.04:
        founded = years[-1] - rng.randint(0, 2)
    return Firm(
        number=number,
        place=place,
        trade=trade,
        brand=brand,
        founded_on=date(founded, rng.randint(1, 12), rng.randint(1, 28)),
        habits=habits,
        cores=figures.first_pass(rng, habits, founded, years),
    )


def _name(rng: random.Random, firm: Firm, word: str) -> str:
    place = firm.place
    near = rng.random()
    stem = "甘肃" if near < 0.22 else place.above.short_name if near < 0.34 else place.stem
    if firm.habits.revenue > 40_000:
        ending = rng.choice(("股份有限公司", "集团有限公司", "有限责任公司"))
    else:
        ending = rng.choices(("有限公司", "有限责任公司", "股份有限公司"), (78, 16, 6))[0]
    return f"{stem}{firm.brand}{word}{ending}"


def _values(firm: Firm, years: Sequence[int]) -> dict[str, Value | None]:
    rng = stream("master", firm.number)
    trade, place, founded = firm.trade, firm.place, firm.founded_on.year
    word = rng.choice(trade.words.split())
    capital = within(around(rng, firm.habits.revenue * 0.22, 0.6), 50, 60_000)
    values: dict[str, Value | None] = {
        "uscc": credit_code(place, firm.number),
        "name": _name(rng, firm, word),
        "region_code": place.code,
        "industry_code": None if rng.random() < 0.012 else trade.code,
        "type": rng.choices(
            ("private", "state", "joint_venture", "foreign", "collective", "other"),
            (80, 12, 3, 1, 2, 2),
        )[0],
        "founded_on": firm.founded_on,
        "registered_capital": Decimal(max(50, round(capital, -2 if capital > 400 else -1))),
        "legal_representative": words.person(rng),
        "address": place.unit.full_name + words.road(rng),
        "is_above_scale": firm.is_above_scale,
        "leading_product": rng.choice(trade.products.split()),
        "listing": _listing(rng, firm.habits.revenue),
    }
    if values["listing"] in {"listed", "neeq"}:
        values["stock_code"] = f"演示{firm.number:04d}"
    if firm.is_above_scale:
        values["above_scale_since"] = min(years[-1], founded + rng.randint(1, 8))
    if trade.chain and rng.random() < 0.8:
        values |= {"industrial_chain": trade.chain, "chain_role": "member"}
    if place.is_zone or rng.random() < 0.45:
        values["park"] = place.park
    if rng.random() < 0.75:
        values["niche_since"] = min(years[-1], founded + rng.randint(0, 3))
    return values | _contact(rng, firm)


def _contact(rng: random.Random, firm: Firm) -> dict[str, Value | None]:
    """Numbers that cannot be anybody's: an office exchange 555, mobile numbers 1390000xxxx."""
    if rng.random() < 0.03:
        return {}
    mobile = rng.random() < 0.6
    area = AREA_CODES[firm.place.city]
    return {
        "contact_name": words.person(rng),
        "contact_phone": f"1390000{firm.number:04d}" if mobile else f"{area}-555{firm.number:04d}",
        "contact_email": f"lianxi{firm.number:04d}@example.com",
    }


def _listing(rng: random.Random, revenue: float) -> str:
    if revenue > 60_000 and rng.random() < 0.3:
        return "listed"
    if revenue > 6_000 and rng.random() < 0.06:
        return "neeq"
    return rng.choices(("none", "planned", "regional"), (76, 13, 11))[0]


def _choose_leaders(firms: Sequence[Firm]) -> None:
    """The largest of each chain leads it."""
    in_chains = [firm for firm in firms if firm.values.get("industrial_chain")]
    in_chains.sort(key=lambda firm: firm.habits.revenue)
    largest = {firm.values["industrial_chain"]: firm for firm in in_chains}
    for leader in largest.values():
        leader.values["chain_role"] = "leader"


def _change_some(
    firms: Sequence[Firm], places: Sequence[Place], today: date, years: Sequence[int]
) -> None:
    """Some firms bore another name before, some were in another county of their city."""
    rng = stream("changes")
    older = [firm for firm in firms if firm.founded_on.year < years[0]]
    beside = {
        place.code: [p for p in places if p.above is place.above and not p.is_zone]
        for place in places
    }
    for firm in rng.sample([firm for firm in older if len(beside[firm.place.code]) > 1], MOVED):
        firm.former_place = rng.choice(
            [place for place in beside[firm.place.code] if place is not firm.place]
        )
        firm.changed_on = today - timedelta(days=rng.randint(90, 900))
    untouched = [firm for firm in older if firm.changed_on is None]
    for firm in rng.sample(untouched, RENAMED):
        firm.former_name = _former_name(rng, firm, str(firm.values["name"]))
        firm.changed_on = today - timedelta(days=rng.randint(60, 1000))
    for firm in rng.sample(untouched, FROM_ADDRESS):
        firm.region_from_address = True


def _former_name(rng: random.Random, firm: Firm, name: str) -> str:
    other = rng.choice(("商贸", "实业", "工贸", "科技发展"))
    for ending in ("股份有限公司", "集团有限公司"):
        if name.endswith(ending):
            return name.removesuffix(ending) + "有限公司"
    return f"{name[: name.index(firm.brand)]}{firm.brand}{other}有限公司"


def _end_some(firms: Sequence[Firm], today: date) -> None:
    """Some firms were deregistered, moved out of the province, or merged into another."""
    rng = stream("endings")
    plain = [
        firm
        for firm in firms
        if firm.changed_on is None
        and firm.founded_on < today - timedelta(days=1500)
        and firm.values.get("chain_role") != "leader"
        and firm.habits.revenue < 20_000
    ]
    chosen = rng.sample(plain, len(ENDED))
    for firm, kind in zip(chosen, ENDED, strict=True):
        ended_on = today - timedelta(days=rng.randint(20, 800))
        reason, into = words.reason(rng, kind.value), None
        if kind is EnterpriseStatus.MERGED:
            same_chain = [one for one in firms if one.trade.chain == firm.trade.chain]
            into = rng.choice([one.number for one in same_chain if one not in chosen])
        firm.ending = Ending(kind=kind, ended_on=ended_on, reason=reason, into=into)
