"""Keys become Chinese words, and two rooms cannot give one key two meanings."""

from __future__ import annotations

import pytest

from registry.audit import labels


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "_TYPES", {})


def test_registered_words_are_found() -> None:
    labels.register("boat", "船", {"length": "长度"}, {"sail": "启航"})
    assert labels.type_label("boat") == "船"
    assert labels.field_label("boat", "length") == "长度"
    assert labels.action_label("boat", "sail") == "启航"


def test_unknown_keys_stay_readable() -> None:
    labels.register("boat", "船", {}, {})
    assert labels.type_label("plane") == "plane"
    assert labels.field_label("boat", "width") == "width"
    assert labels.field_label("plane", "width") == "width"
    assert labels.action_label("plane", "fly") == "fly"


def test_a_type_has_one_meaning() -> None:
    labels.register("boat", "船", {}, {})
    labels.register("boat", "船", {}, {})
    with pytest.raises(ValueError, match="boat"):
        labels.register("boat", "艇", {}, {})


def test_choices_for_the_filters() -> None:
    labels.register("boat", "船", {}, {"create": "下水", "sail": "启航"})
    labels.register("plane", "飞机", {}, {"create": "登记"})
    labels.register("kite", "风筝", {}, {"create": "登记"})
    assert set(labels.type_choices()) == {("boat", "船"), ("plane", "飞机"), ("kite", "风筝")}
    assert labels.action_choices() == [("create", "下水、登记"), ("sail", "启航")]
