"""`make screens`: shoot every page of the demo as everybody who may open it, and judge it.

Pictures go to `screens/<person>/<endpoint>[-<state>].png`. Fails on a report of the content
policy, a console error, a failed request, sideways scroll, an axe finding, English, small or cut
text, and on a page that no visit reaches.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.screens import axe, chromium, site, visiting
from tools.screens.chromium import ToolMissing
from tools.screens.planning import Plan
from tools.screens.visiting import Round
from tools.screens.visits import VISITORS, Outcome

PICTURES = Path(__file__).resolve().parents[2] / "screens"
SHOWN = 4
"""How many places of one problem are named."""


def main() -> int:
    wanted = _arguments()
    started = time.monotonic()
    try:
        browser, script = chromium.find(), axe.fetch()
    except ToolMissing as missing:
        print(f"make screens: {missing}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="screens-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        print("loading the demo into a fresh installation", flush=True)
        with site.running(folder) as place:
            plan = Plan(place, folder)
            rounds = [
                Round(
                    visitor=visitor,
                    password=place.passwords.get(visitor.login, ""),
                    visits=[v for v in plan.visits[visitor.folder] if wanted.only in v.name],
                    site=place.url,
                    browser=browser,
                    axe=script,
                    pictures=PICTURES,
                    workbooks=folder / visitor.folder,
                )
                for visitor in VISITORS
                if wanted.person in visitor.folder
            ]
            outcomes = _go(rounds)
    for outcome in outcomes:
        _check_landing(plan, outcome)
    return _report(outcomes, plan.gaps(), time.monotonic() - started)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.screens", description=__doc__)
    parser.add_argument("--only", default="", help="visits whose name contains this")
    parser.add_argument("--person", default="", help="people whose folder contains this")
    return parser.parse_args()


def _go(rounds: Sequence[Round]) -> list[Outcome]:
    """Everybody's round, as many at a time as there are cores; the longest first."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    cores = max(2, min(4, len(os.sched_getaffinity(0))))
    busiest = sorted((r for r in rounds if r.visits), key=lambda r: len(r.visits), reverse=True)
    print(f"{sum(len(r.visits) for r in busiest)} visits of {len(busiest)} people", flush=True)
    with ThreadPoolExecutor(cores) as pool:
        outcomes = []
        for found in pool.map(visiting.go, busiest):
            print(f"  {found[0].folder}: {len(found)}", flush=True)
            outcomes += found
    return outcomes


def _check_landing(plan: Plan, outcome: Outcome) -> None:
    landed = plan.endpoint_of(outcome.landed, outcome.method)
    if landed != outcome.visit.endpoint:
        outcome.problems.append(
            f"ended at {landed or outcome.landed or 'nothing'} instead of {outcome.visit.endpoint}"
        )


def _report(outcomes: Iterable[Outcome], gaps: Sequence[str], seconds: float) -> int:
    places: dict[str, list[str]] = defaultdict(list)
    rows: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for outcome in outcomes:
        row = rows[outcome.folder]
        row[0] += 1
        row[1] += len(outcome.problems)
        row[2] += outcome.seconds
        for problem in outcome.problems:
            places[problem].append(f"{outcome.folder}/{outcome.visit.name}")
    for gap in gaps:
        places[gap] = []
    for problem, names in sorted(
        places.items(), key=lambda item: (min(item[1], default=""), item[0])
    ):
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        print(f"{problem}\n    {', '.join(names[:SHOWN])}{more}")
    print(f"\n{'person':<20}{'pages':>8}{'problems':>10}{'seconds':>9}")
    for folder, (pages, problems, spent) in rows.items():
        print(f"{folder:<20}{pages:>8.0f}{problems:>10.0f}{spent:>9.0f}")
    total = sum(row[0] for row in rows.values())
    print(f"{total:.0f} pages in {seconds:.0f} s; the pictures are in {PICTURES.name}/")
    print(f"{len(places)} different problems" if places else "no problem found")
    return 1 if places else 0


if __name__ == "__main__":
    sys.exit(main())
