"""Invented evidence of one firm in each county, with numbers and names that say they are invented."""

from __future__ import annotations

import io
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.demo.chance import stream
from registry.demo.firms import Firm
from registry.demo.people import Staff
from registry.demo.titles import Award
from registry.evidence import proofs
from registry.evidence.catalogue import KINDS
from registry.evidence.queries import list_items
from registry.evidence.services import EvidenceDraft, confirm_whole, save
from registry.fields import Value
from registry.permissions import Role

Values = Mapping[str, Value | None]
WHOLE = ("institutions", "contests", "standards")
PROVED = "certifications"


@dataclass(frozen=True, slots=True)
class Invented:
    """One item of one firm."""

    firm: Firm
    kind: str
    values: Values


def invent_evidence(
    firms: Sequence[Firm], awards: Sequence[Award], today: date, year: int
) -> list[Invented]:
    """The firm with the most titles of each county; `year` is the last one with figures."""
    held: dict[int, int] = defaultdict(int)
    for award in awards:
        held[award.firm.number] += 1
    best: dict[str, Firm] = {}
    for firm in firms:
        known = best.get(firm.place.code)
        if firm.ending is None and (known is None or held[firm.number] > held[known.number]):
            best[firm.place.code] = firm
    return [
        Invented(firm, kind, values)
        for firm in best.values()
        for kind, values in (
            *_achievements(stream("evidence", firm.number), firm, today),
            *_records(stream("records", firm.number), firm, today, year),
        )
    ]


def write_evidence(
    session: Session,
    settings: Settings,
    staff: Staff,
    items: Sequence[Invented],
    ids: Mapping[int, int],
) -> None:
    """Enter the items as the counties would, judgements as their reviewers would."""
    by_firm: dict[int, list[Invented]] = defaultdict(list)
    for item in items:
        by_firm[item.firm.number].append(item)
    for number, of_firm in by_firm.items():
        place, enterprise = of_firm[0].firm.place, ids[number]
        clerk = staff.nearest(Role.ENTRY, place)
        reviewer = staff.nearest(Role.REVIEW, place)
        for item in of_firm:
            kind = KINDS[item.kind]
            draft = EvidenceDraft(kind=kind, enterprise_id=enterprise, values=item.values)
            save(session, reviewer if kind.by_reviewers else clerk, [draft])
        for kind_key in WHOLE:
            confirm_whole(session, clerk, enterprise, KINDS[kind_key], is_whole=True)
        for proved in list_items(session, clerk.scope, enterprise, PROVED)[:1]:
            file = io.BytesIO(paper(f"演示文件，内容虚构：{proved.label}"))
            proofs.attach(session, clerk, settings, proved.id, file, "认证证书（演示）.pdf")


def _achievements(rng: random.Random, firm: Firm, today: date) -> Iterator[tuple[str, Values]]:
    product, number = str(firm.values["leading_product"]), f"{firm.number:04d}"
    since = max(firm.founded_on + timedelta(days=200), today - timedelta(days=2400))
    since = min(since, today)

    def day() -> date:
        return since + timedelta(days=rng.randint(0, max(0, (today - since).days - 30)))

    for place in range(rng.randint(2, 9)):
        yield "intellectual_property", _right(rng, product, f"演示{number}-{place + 1}", day())
    if rng.random() < 0.7:
        yield (
            "institutions",
            {
                "name": f"{product}研发中心（演示）",
                "level": rng.choice(("provincial", "city", "below_city")),
                "own": True,
                "is_recognised": rng.random() < 0.6,
            },
        )
    if rng.random() < 0.4:
        yield (
            "awards",
            {
                "name": f"{product}关键技术（演示）",
                "level": "provincial",
                "rank": rng.randint(1, 4),
                "awarded_on": day(),
            },
        )
    if rng.random() < 0.3:
        yield (
            "equity_financing",
            {
                "investor": "演示创业投资基金",
                "amount": Decimal(rng.randint(3, 40) * 100),
                "paid_on": day(),
                "qualified": rng.random() < 0.7 or None,
            },
        )
    yield "honours", {"kind": "high_tech", "name": "高新技术企业（演示）", "awarded_on": day()}


def _records(
    rng: random.Random, firm: Firm, today: date, year: int
) -> Iterator[tuple[str, Values]]:
    yield (
        "certifications",
        {
            "kind": "quality_management",
            "number": f"演示-QMS-{firm.number:04d}",
            "name": "GB/T 19001",
            "valid_to": today + timedelta(days=rng.randint(-60, 900)),
        },
    )
    yield "brands", {"name": f"{firm.brand}（演示）", "own": True}
    yield (
        "product",
        {"product_industry": "other", "product_field": rng.choice(("six_bases", "other"))},
    )
    yield (
        "management",
        {
            "digital_level": rng.randint(1, 4),
            "core_business_systems": rng.randint(0, 4),
        },
    )
    yield (
        "compliance",
        {
            "is_legal_person": True,
            "is_listed_abnormal": False,
            "is_listed_dishonest": False,
            "had_major_accident": False,
            "had_tax_evasion": False,
        },
    )
    yield "judgements", {"is_law_abiding": True, "is_key_link": rng.random() < 0.5}
    yield "platform", {"year": year, "platform_score": Decimal(rng.randint(450, 880)) / 10}


def _right(rng: random.Random, product: str, number: str, granted_on: date) -> Values:
    own = rng.random() < 0.85
    kind = rng.choices(("invention", "utility_model", "software_copyright"), (3, 5, 2))[0]
    return {
        "kind": kind,
        "number": number,
        "name": f"一种{product}的{rng.choice(('制备方法', '检测装置', '控制系统', '加工工艺'))}",
        "granted_on": granted_on,
        "own": own,
        "transferred_on": None if own else granted_on,
        "holder_rank": 1 if rng.random() < 0.9 else 2,
        "related": rng.choice((True, True, None)),
        "in_use": rng.choice((True, True, False, None)),
    }


def paper(text: str) -> bytes:
    """A page with one line, in a typeface that every reader of PDF brings along."""
    line = text.encode("utf-16-be").hex()
    drawn = f"BT /F 14 Tf 60 760 Td <{line}> Tj ET".encode("ascii")
    return b"\n".join(
        (
            b"%PDF-1.4",
            b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F 5 0 R>>>>>>endobj",
            b"4 0 obj<</Length %d>>stream" % len(drawn),
            drawn,
            b"endstream endobj",
            b"5 0 obj<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H"
            b"/DescendantFonts[6 0 R]>>endobj",
            b"6 0 obj<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
            b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R"
            b">>endobj",
            b"7 0 obj<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]"
            b"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80>>endobj",
            b"trailer<</Root 1 0 R/Size 8>>",
            b"startxref",
            b"0",
            b"%%EOF",
            b"",
        )
    )
