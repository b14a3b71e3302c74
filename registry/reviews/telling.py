"""What a step of a case says, with what belongs to its action alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry import clock
from registry.applications.models import Step
from registry.applications.workflow import Action

Line = tuple[str, str, str, str, str]
"""Title, who, when, text and state, as the `timeline` macro draws it."""
_AGAINST = frozenset({Action.RETURN, Action.REJECT, Action.RECORD_FAIL, Action.SUSTAIN})


def timeline(steps: Iterable[Step]) -> list[Line]:
    """In the order they were taken."""
    return [
        (
            _title(step),
            f"{step.unit}{step.account_name}",
            f"{clock.local(step.at):%Y-%m-%d %H:%M}",
            "。".join(text.rstrip("。") for text in _texts(step) if text),
            "bad" if step.action in _AGAINST else "done",
        )
        for step in steps
    ]


def _title(step: Step) -> str:
    if step.target is step.source:
        return step.action.label
    return f"{step.action.label}，转为“{step.target.label}”"


def _texts(step: Step) -> Iterator[str]:
    content = step.content
    if "parts" in content:
        yield "有问题的部分：" + "、".join(content["parts"])
    if "exempted" in content:
        named = (f"{one['label']}（至 {one['ends_on']}）" for one in content["exempted"])
        yield "当时豁免的条款：" + "、".join(named)
    if "quota" in content:
        yield f"超出名额办理：{content['quota']}"
    if step.action is Action.INSPECT:
        result = "与申报一致" if content["passed"] else "与申报不一致"
        yield f"{content['on']}，{content['people']}核查，{result}"
        yield content["record"]
    if step.action is Action.APPRAISE:
        score = "" if content["score"] is None else f"，评分 {content['score']}"
        yield f"专家{content['expert']}（{content['organisation'] or '单位未填'}）{score}"
        yield f"利害关系：{content['conflict'] or '声明没有'}"
        if content["conflict"] and score:
            yield "评分不计入平均分"
    yield step.opinion
