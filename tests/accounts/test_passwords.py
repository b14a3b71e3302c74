"""The password rules, in the words a person reads."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry.accounts import passwords

PERSONAL = {"wangfang", "zhangwei", "chengguanqu", "jiayuguan"}


@pytest.mark.parametrize(
    "password",
    ["Yellow-River-2031", "黄河之水Tian2031", "correct horse BATTERY", "x" * 60 + "Y1-" * 20],
)
def test_good_passwords_pass(password: str) -> None:
    assert passwords.problems(password, PERSONAL) == []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab1-xyzw", "至少 12 个字符，现为 8 个"),
        ("Ab1-" * 33, "最多 128 个字符，现为 132 个"),
        ("yellowriverwater", "至少包含三类字符，还可加入大写字母、数字、符号"),
        ("yellowriver-water", "至少包含三类字符，还可加入大写字母、数字"),
        ("WangFang-River-31", "不能包含登录名、姓名或地区的拼音"),
        ("ZHANGWEI-river-31", "不能包含登录名、姓名或地区的拼音"),
        ("Jiayuguan-River-31", "不能包含登录名、姓名或地区的拼音"),
        ("River-Yellow-1234", "不能包含“1234”这类常见词"),
        ("P@ssw0rd-River-31", "不能包含“password”这类常见词"),
        ("Gansu-Province-31", "不能包含“gansu”这类常见词"),
        ("ＧＡＮＳＵ-Province-31", "不能包含“gansu”这类常见词"),
        ("Lanzh0u-River-31", "不能包含“lanzhou”这类常见词"),
    ],
)
def test_what_is_missing_is_said(password: str, said: str) -> None:
    assert passwords.problems(password, PERSONAL) == [said]


def test_everything_missing_is_said_at_once() -> None:
    assert len(passwords.problems("wangfang", PERSONAL)) == 3


def test_pinyin_of_names_and_places() -> None:
    assert passwords.pinyin_words("张伟", "嘉峪关", "李") == {"zhangwei", "jiayuguan"}


def test_one_time_passwords_meet_the_rules_and_differ() -> None:
    made = {passwords.one_time_password(PERSONAL) for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert passwords.problems(password, PERSONAL) == []
        assert re.fullmatch(r"(\w{4}-){3}\w{4}", password)
        assert not set(password) & set("0O1lIi")


def test_full_width_typing_is_the_same_password() -> None:
    kept = passwords.hash_password("Yellow-River-2031")
    assert passwords.verify(kept, "Ｙellow－River－２０３１")
    assert not passwords.verify(kept, "yellow-river-2031")
    assert "Yellow" not in kept


def test_nobody_has_the_password_of_an_unknown_login() -> None:
    assert not passwords.verify(None, "")
    assert not passwords.verify(None, "Yellow-River-2031")


def test_many_at_once_all_get_their_answer() -> None:
    kept = passwords.hash_password("Yellow-River-2031")
    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(lambda _: passwords.verify(kept, "Yellow-River-2031"), range(12)))


def test_a_password_that_folds_to_fewer_characters_still_fits() -> None:
    typed = "e\u0301" * 100 + "Yellow-2031"
    assert passwords.problems(typed, PERSONAL) == []
    assert passwords.verify(passwords.hash_password(typed), typed)
