"""What is written in English and in Chinese says the same, section by section: commands, tables, numbers and links."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PAIRS: Final = [
    ("README.md", "README.zh-CN.md"), ("docs/operating.md", "docs/operating.zh-CN.md"),
    ("docs/auditing.md", "docs/auditing.zh-CN.md"), ("docs/importing.md", "docs/importing.zh-CN.md"),
]  # fmt: skip

CODE: Final = re.compile(r"`([^`\n]+)`")
LINK: Final = re.compile(r"\[[^\]]*\]\(([^)]+)\)")
NUMBER: Final = re.compile(r"\d+(?:[.:–-]\d+)*")
# Behind a command: a remark, or what a list says about it in a column of its own.
REMARK: Final = re.compile(r"(?:^|\s+)#\s.*$|\s{3,}\S.*$")
# The glossary has one Chinese term for a thing; these were used for the same beside it.
OTHER_TERMS: Final = ("补偿", "移交", "告知客户", "评审裁定", "处理程序", "责任部门", "读模型")
ENGLISH_WORDS: Final = re.compile(r"[A-Za-z][A-Za-z'-]*(?:[ ,;:]+[A-Za-z][A-Za-z'-]*){5,}")


@dataclass
class Section:
    """From one heading to the next; a block has no fences, and its first line is what stands behind the first one."""

    level: int
    prose: list[str] = field(default_factory=list)
    blocks: list[list[str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        return LINK.sub("", CODE.sub("", "\n".join(self.prose)))

    def said(self) -> dict[str, object]:
        """All that must not depend on the language."""
        prose = "\n".join(self.prose)
        links = LINK.findall(CODE.sub("", prose))
        return {
            "level": self.level,
            "blocks": [commands(block) for block in self.blocks],
            "columns of each row": [line.count("|") for line in self.prose if line.startswith("|")],
            "items": sum(line.startswith(("- ", "1. ")) for line in self.prose),
            "codes": sorted(CODE.findall(prose)),
            "numbers": sorted(NUMBER.findall(self.words)),
            "links": sorted(link.replace(".zh-CN", "") for link in links),
        }


def commands(block: list[str]) -> list[str]:
    """A block without its remarks; of what a program printed (`text`) the numbers alone, for it prints words too."""
    if block[0] == "text":
        return NUMBER.findall("\n".join(block))
    return [line for line in (REMARK.sub("", line).rstrip() for line in block) if line]


def sections(text: str) -> list[Section]:
    found, fenced = [Section(0)], False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
            if fenced:
                found[-1].blocks.append([line.removeprefix("```")])
        elif fenced:
            found[-1].blocks[-1].append(line)
        else:
            if heading := re.match("#+ ", line):
                found.append(Section(len(heading[0]) - 1))
            found[-1].prose.append(line)
    return found


def differences(english: str, chinese: str) -> list[str]:
    """What one language says and the other does not, each with the number of its section and its heading."""
    pairs = list(zip(sections(english), sections(chinese), strict=False))
    found = [] if len(sections(english)) == len(sections(chinese)) else ["not the same number of sections"]
    for number, (one, other) in enumerate(pairs):
        said, translated = one.said(), other.said()
        heading = one.prose[0] if one.prose else ""
        found += [
            f"{number} {heading}: {what}: {said[what]} and {translated[what]}"
            for what in said
            if said[what] != translated[what]
        ]
    return found


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_languages_say_the_same_in_the_same_order(english: str, chinese: str) -> None:
    assert differences((ROOT / english).read_text("utf-8"), (ROOT / chinese).read_text("utf-8")) == []


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_each_language_leads_to_the_other_at_the_top(english: str, chinese: str) -> None:
    for file, other, name in ((english, chinese, "中文"), (chinese, english, "English")):
        top = (ROOT / file).read_text("utf-8").splitlines()[:4]
        assert f"[{name}]({Path(other).name})" in "\n".join(top)


@pytest.mark.parametrize("chinese", [chinese for _, chinese in PAIRS])
def test_no_sentence_is_left_in_english(chinese: str) -> None:
    words = "\n".join(section.words for section in sections((ROOT / chinese).read_text("utf-8")))
    assert ENGLISH_WORDS.findall(words) == []
    assert ENGLISH_WORDS.findall("主密钥：Keep a copy of the master key apart.") != []


@pytest.mark.parametrize("chinese", [chinese for _, chinese in PAIRS])
def test_the_terms_are_those_of_the_glossary(chinese: str) -> None:
    text, glossary = (ROOT / chinese).read_text("utf-8"), (ROOT / "docs" / "glossary.md").read_text("utf-8")
    assert [term for term in OTHER_TERMS if term in text] == []
    assert [term for term in OTHER_TERMS if f"| {term}" in glossary] == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("# A", "## 甲"),
        ("# A\n## B\n# C", "# 甲\n# 丙\n## 乙"),
        ("# A\nfive of 16", "# 甲\n61 个中的五个"),
        ("# A\n```sh\nmake run\n```", "# 甲\n```sh\nmake test\n```"),
        ("# A\n```sh\nmake run\nmake demo\n```", "# 甲\n```sh\nmake run\n```"),
        ("# A\n```text\n03-02 10:30 dispatch\n```", "# 甲\n```text\n03-02 10:40 派单\n```"),
        ("# A\n`REDRESS_DATA`", "# 甲\n`REDRESS_DATE`"),
        ("# A\n| a | b |\n|---|---|", "# 甲\n| 甲 |\n|---|"),
        ("# A\n- a\n- b", "# 甲\n- 甲"),
        ("# A\n[a](docs/a.md)", "# 甲\n[甲](docs/b.md)"),
        ("# A\n# B", "# 甲"),
    ],
)
def test_whatever_one_language_lacks_is_found(english: str, chinese: str) -> None:
    assert len(differences(english, chinese)) >= 1


def test_remarks_titles_and_words_may_differ() -> None:
    english = "# A\n[中文](A.zh-CN.md)\n```sh\nmake run  # starts\n```\n| `x` | five |\n```text\n10:30 sent\n```"
    chinese = "# 甲\n[English](A.md)\n```sh\nmake run      # 启动服务\n```\n| `x` | 五 |\n```text\n10:30 派单\n```"
    assert differences(english, chinese) == []
