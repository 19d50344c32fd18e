"""电子邮箱: one address, valid, kept in one form."""

import pytest

from domain.emails import as_email, as_sent_to
from domain.errors import NotAnEmail


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("zhang@example.cn", "zhang@example.cn"), (" Zhang@Example.CN ", "Zhang@example.cn"),
        ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ", "zhang@example.cn"), ("zhang@example。cn", "zhang@example.cn"),
        ("a.b+c@mail.example.com", "a.b+c@mail.example.com"), ("张三@例子.中国", "张三@例子.中国"),
        ("zhang@xn--fsqu00a.xn--fiqs8s", "zhang@例子.中国"), ("o'neil@example.com", "o'neil@example.com"),
    ],
)  # fmt: skip
def test_an_address_is_kept_in_one_form(written: str, kept: str) -> None:
    assert as_email(written, "/email") == kept
    assert as_email(kept, "/email") == kept


@pytest.mark.parametrize(
    "written",
    [
        "", "zhang", "zhang@", "@example.cn", "zhang@example", "a@b@example.cn", "zhang@example.cn, li@example.cn",
        "zhang@example.cn;li@example.cn", "张三 <zhang@example.cn>", "zhang @example.cn", "zhang@example..cn",
        "zhang@exa\nmple.cn", "zhang\x00@example.cn", "zhang\u202e@example.cn", "zhang\u200b@example.cn",
        "mailto:zhang@example.cn", "zhang@[127.0.0.1]", '"zhang li"@example.cn', "zhang@localhost",
        "zhang@example.cn\r\nBcc: li@example.cn", "z" * 65 + "@example.cn", ".zhang@example.cn",
    ],
)  # fmt: skip
def test_what_is_not_one_valid_address_is_refused(written: str) -> None:
    with pytest.raises(NotAnEmail) as refusal:
        as_email(written, "/email")
    assert refusal.value.pointer == "/email"


def test_a_domain_in_another_script_is_sent_to_in_ascii() -> None:
    assert as_sent_to("zhang@例子.中国") == "zhang@xn--fsqu00a.xn--fiqs8s"
    assert as_sent_to("zhang@example.cn") == "zhang@example.cn"
    assert as_sent_to("taken down before addresses were looked at") == "taken down before addresses were looked at"
