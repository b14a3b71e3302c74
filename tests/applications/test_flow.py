"""The transition table in words, as the manual and the help page show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product

from flask.testing import FlaskClient

from registry.applications import flow
from registry.applications.workflow import TRANSITIONS, Action, State
from registry.permissions import Role
from tools import workflow as tool


def test_the_rows_say_the_whole_table_and_nothing_else() -> None:
    states = {state.label: state for state in State}
    said = Counter(
        (action, states[source], states[source if targets == "不变" else target])
        for sources, action, _, targets, _ in flow.rows()
        for source, target in product(_listed(sources), _listed(targets))
    )
    assert said == Counter((move.action.label, move.source, move.target) for move in TRANSITIONS)
    for row in flow.rows():
        action = next(one for one in Action if one.label == row.action)
        move = next(one for one in TRANSITIONS if one.action is action)
        assert ("须写原因" in row.remark) is move.needs_reason


def _listed(words: str) -> list[str]:
    return words.split("、")


def test_who_may_take_a_step_is_named() -> None:
    found = {(row.sources, row.action): row.who for row in flow.rows()}
    assert found["填报中、待补正", "提交"] == "各级录入人员"
    assert found["市级审核", "放弃申报"] == "市级、省级录入人员"
    assert found["县级审核", "审核通过"] == "县级审核人员"


def test_the_help_page_and_the_manual_show_it(client_as: Callable[..., FlaskClient]) -> None:
    page = client_as(Role.REVIEW).get("/help").get_data(as_text=True)
    manual = tool.MANUAL.read_text(encoding="utf-8")
    assert tool.block() in manual
    for row in flow.rows():
        assert f'<td>{row.sources}</td><th scope="row">{row.action}</th>' in page
    admin = client_as(Role.SYSTEM_ADMIN).get("/help").get_data(as_text=True)
    assert "申报审核的状态和操作" not in admin
