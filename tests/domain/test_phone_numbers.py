"""电话号码: what is valid, the one form it is kept in whatever was typed, and what is missing in the rest."""

import pytest

from domain.errors import NotAPhoneNumber
from domain.phone_numbers import as_digits, as_phone_number, number_or_none, receives_texts, tails_of, writings_of
from wording.refusals import REFUSALS

MOBILE, LANDLINE, SHARED_COST = "+8613800138000", "+861088886666", "+864001234567"
WRITTEN: dict[str, tuple[str, ...]] = {
    MOBILE: (
        "13800138000", "138 0013 8000", "138-0013-8000", "138.0013.8000",
        "138/0013/8000", "１３８００１３８０００",
        "0086 138 0013 8000", "00 86 13800138000", "+86 138 0013 8000", "86-13800138000", "8613800138000",
        "(86)13800138000",
        "（+86）13800138000", "[138]00138000", "【138】0013-8000", "+0086 13800138000",
        "013800138000", "138–0013—8000",
        "\u202a+8613800138000\u202c", "138\u200b00138000", " 13800138000\t",
        "tel:+86-138-0013-8000", "电话：13800138000",
        "手机 138 0013 8000", "138·0013·8000", "١٣٨٠٠١٣٨٠٠٠",
    ),
    LANDLINE: (
        "010-88886666", "(010) 8888 6666", "（010）88886666", "+86 (0)10 8888 6666", "010/88886666",
        "0086-010-88886666",
        "０１０－８８８８６６６６", "86-10-88886666", "Tel: 010.8888.6666",
    ),
    f"{LANDLINE};ext=8001": (
        "010-88886666转8001", "010-88886666 轉 8001", "010-88886666-8001", "010－88886666－8001",
        "010-88886666 ext. 8001",
        "010-88886666 Ext：8001", "010-88886666 extension 8001", "010-88886666 extn 8001", "010-88886666x8001",
        "010-88886666 × 8001", "010-88886666 分机 8001", "010-88886666 分机号：8001",
        "010-88886666 內線８００１",
        "010-88886666 转分机8001", "010-88886666转接8001", "010-88886666#8001", "010-88886666＃8001#",
        "010-88886666*8001",
        "010-88886666,8001", "010-88886666,,8001#", "010-88886666，8001", "010-88886666;8001",
        "010-88886666p8001",
        "010-88886666(8001)", "010-88886666（转8001）", "010-88886666 - ext 8001", f"{LANDLINE};ext=8001",
        "tel:+86-10-88886666;ext=8001", "01088886666转8001号",
    ),
    f"{LANDLINE};ext=0022": ("010-88886666 ext. 0022",),
    f"{LANDLINE};ext=1": ("010-88886666-1", "010-88886666转1"),
    "+16502530000;ext=22": ("+1 650 253 0000 x22", "+1 (650) 253-0000-22", "001 650 253 0000 ext. 22"),
    f"{MOBILE};ext=1234": ("13800138000转1234", "13800138000-1234", "138-0013-8000,1234"),  # 隐私号
    SHARED_COST: ("400-123-4567", "4001234567", "400 1234567", "+86 400 123 4567"),
    f"{SHARED_COST};ext=8001": ("400-123-4567-8001", "400-123-4567转8001"),
    "+868008101234": ("800-810-1234", "8008101234"),
    "10086": ("10086", "１００８６", "+86 10086", "100-86", "tel:10086;phone-context=+86"),
    "12345": ("12345", "1 23 45"), "95588": ("95588",), "955880": ("955880",), "96110": ("96110",), "110": ("110",),
    "+861012345": ("010-12345", "01012345"), "+8657112345": ("0571-12345",), "+8657196311": ("0571 96311",),
    "+8657187654321": ("0571-8765 4321", "0571—87654321"), "+869912345678": ("0991-2345678",),
    "+85221234567": ("+852 2123 4567", "0085221234567"), "+442079460958": ("+44 20 7946 0958", "+44 (0)20 7946 0958"),
    "+493012345678": ("+49 30 123456-78",),  # a German extension is a part of the number
}  # fmt: skip
REFUSED: dict[str, tuple[str, ...]] = {
    "area_code_missing": ("88886666", "8888-6666", "87654321转8001", "2345678", "57112345", "+86 88886666"),
    "mobile_digits": ("1380013800", "138001380000", "138-0013-80001", "+86 1380013800"),
    "letters": ("13800138000o", "O10-88886666", "1-800-FLOWERS", "138\n00138000", "13800138000 李", "*138*"),
    "several": ("13800138000、13900139000", "010-88886666转8001转2", "+8613800138000 +8613900139000"),
    "extension_missing": ("010-88886666转", "010-88886666 ext.", f"{LANDLINE};ext="),
    "unknown_country": ("+999 1234567",),
    "no_digits": ("", "---", "无", "unknown", "anonymous"),
    "too_short": ("12", "+86", "+1 234", "123"),
    "too_long": ("13800138000/13900139000", "010 88886666 8001 99999"),
    "not_assigned": ("00000000000", "+1 111 111 1111"),
}


@pytest.mark.parametrize(("kept", "written"), [(kept, one) for kept, all in WRITTEN.items() for one in all])
def test_a_number_is_kept_in_one_form_whatever_was_typed(kept: str, written: str) -> None:
    assert as_phone_number(written, "/phone") == kept


@pytest.mark.parametrize("kept", WRITTEN)
def test_what_is_kept_stays_as_it_is(kept: str) -> None:
    assert as_phone_number(kept, "/phone") == kept


@pytest.mark.parametrize(("why", "written"), [(why, one) for why, all in REFUSED.items() for one in all])
def test_what_is_no_number_is_refused_with_what_is_missing(why: str, written: str) -> None:
    with pytest.raises(NotAPhoneNumber) as refusal:
        as_phone_number(written, "/phone")
    assert (refusal.value.facts, refusal.value.pointer) == ({why: True}, "/phone")
    assert number_or_none(written) is None


def test_all_that_may_be_missing_has_its_words() -> None:
    assert REFUSED.keys() == REFUSALS["NotAPhoneNumber"].more.keys()


def test_what_is_not_even_a_text_is_no_number() -> None:
    assert [number_or_none(one) for one in (None, 10086, ["10086"])] == [None, None, None]


def test_a_number_is_known_by_its_own_last_digits_and_by_those_dialled_last() -> None:
    assert set(tails_of(MOBILE)) == {"8000"}
    assert set(tails_of(f"{LANDLINE};ext=8001")) == {"6666", "8001"}
    assert set(tails_of(f"{LANDLINE};ext=22")) == {"6666", "6622"}
    assert set(tails_of("10086")) == {"0086"}
    assert as_digits(" ８０００ ") == "8000"


def test_messages_go_to_mobile_numbers_without_an_extension() -> None:
    numbers = (MOBILE, LANDLINE, f"{MOBILE};ext=1234", SHARED_COST, "10086", "+85261234567", "nonsense")
    assert [one for one in numbers if receives_texts(one)] == [MOBILE, "+85261234567"]


@pytest.mark.parametrize("written", ["13800138000", "138 0013 8000", "+86 138 0013 8000", "138-0013-8000", MOBILE])
def test_a_number_is_found_in_a_text_however_it_was_written(written: str) -> None:
    text = f"已致电 {written}。"
    for one in writings_of(MOBILE):
        text = text.replace(one, "***")
    assert text == "已致电 ***。"
