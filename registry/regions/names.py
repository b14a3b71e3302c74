"""Names of regions derived from their official ones: short names and pinyin initials."""

from __future__ import annotations

import re

from registry.identifiers import pinyin_initials

_PROVINCES = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
    "香港特别行政区": "香港",
    "澳门特别行政区": "澳门",
}

# The peoples that stand in names of autonomous units. Those of the second list also without 族.
_PEOPLES = (
    "白|保安|布依|布朗|朝鲜|傣|达斡尔|德昂|侗|东乡|独龙|鄂伦春|鄂温克|仡佬|哈尼|回|景颇|拉祜|黎|"
    "傈僳|满|毛南|苗|仫佬|纳西|怒|普米|羌|撒拉|畲|水|土|土家|佤|瑶|彝|裕固|藏|壮|各"
)
_PEOPLES_BARE = "哈萨克|柯尔克孜|蒙古|塔吉克|锡伯"
_AUTONOMOUS = re.compile(rf"(.+?)(?:(?:{_PEOPLES})族|(?:{_PEOPLES_BARE})族?)*自治[州县旗]")

# Place names whose reading the dictionary of `pinyin_initials` does not know.
_READINGS = {
    "崆峒": "kt",
    "宕昌": "tc",
    "洪洞": "ht",
    "单县": "sx",
    "浚县": "xx",
    "荥经": "yj",
}


def short_name(name: str, level: int) -> str:
    """甘肃省 -> 甘肃, 兰州市 -> 兰州, 甘南藏族自治州 -> 甘南; other counties keep their full name."""
    if name in _PROVINCES:
        return _PROVINCES[name]
    autonomous = _AUTONOMOUS.fullmatch(name)
    if autonomous is not None:
        return autonomous[1].removesuffix("族")
    if level == 1:
        return name.removesuffix("省").removesuffix("市")
    if level == 2:
        return re.sub(r"(?<=..)(?:市|地区|盟)$", "", name)
    return name


def initials(name: str) -> str:
    """Pinyin initials of a place name, lower case, at most forty letters."""
    for word, reading in _READINGS.items():
        if word in name:
            before, after = name.split(word, 1)
            return (pinyin_initials(before) + reading + pinyin_initials(after))[:40]
    return pinyin_initials(name)[:40]
