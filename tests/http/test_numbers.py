"""电话号码与邮箱: one form by every door that takes them, and what is missing said in words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done, problem

SWITCHBOARD = "010-88886666"


async def test_a_number_and_an_address_are_kept_in_one_form_whatever_was_typed(desk: Desk) -> None:
    person = {"name": "张三", "phone": "０１０／8888 6666 转 8001", "email": "Z＠Example.CN"}
    taken = await desk.receive(complainant=person)
    seen = done(await desk.get("li-min", f"/v1/complaints/{taken['id']}"))["complainant"]
    assert (seen["phone"], seen["email"]) == ("+861088886666;ext=8001", "Z@example.cn")


@pytest.mark.parametrize(
    ("person", "slug", "pointer", "said"),
    [
        ({"phone": "88886666"}, "not-a-phone-number", "/complainant/phone", "area code"),
        ({"phone": "1380013800"}, "not-a-phone-number", "/complainant/phone", "11 digits"),
        ({"phone": "138001380oo"}, "not-a-phone-number", "/complainant/phone", "letters"),
        ({"email": "a@b.cn, c@d.cn"}, "not-an-email", "/complainant/email", "one address"),
    ],
)
async def test_what_is_no_number_or_address_is_refused_with_what_is_missing(
    desk: Desk, person: dict[str, Any], slug: str, pointer: str, said: str
) -> None:
    body = {"procedure": "kf0001", "channel": "phone", "subject": "题", "content": "文", "complainant": person}
    answer = await desk.post("li-min", "/v1/complaints", body, headers={"Accept-Language": "en"})
    refused = problem(answer, 422, slug)
    assert said in refused["detail"]
    assert [one["pointer"] for one in refused["errors"]] == [pointer]


async def test_two_extensions_of_one_switchboard_are_two_people(desk: Desk) -> None:
    body = {"procedure": "kf0001", "channel": "phone", "subject": "题", "content": "文", "issue_point": "app-crash"}

    async def asked(phone: str) -> Any:
        return await desk.post("li-min", "/v1/complaints", {**body, "complainant": {"phone": phone}})

    first = done(await asked(f"{SWITCHBOARD} ext. 8001"), 201)
    done(await asked(f"{SWITCHBOARD}-8002"), 201)
    assert first["number"] in str(problem(await asked(f"{SWITCHBOARD}#8001"), 409, "duplicate-complaint"))


async def test_a_status_page_opens_by_the_extension_of_who_left_it_and_by_no_other(desk: Desk) -> None:
    number = (await desk.receive(complainant={"phone": f"{SWITCHBOARD}转8001"}))["number"]
    await desk.caught_up()
    for tail in ("8001", "6666", "８００１"):
        done(await desk.get(None, f"/v1/status/{number}?phone_tail={tail}"))
    problem(await desk.get(None, f"/v1/status/{number}?phone_tail=8002"), 404)


async def test_a_company_complains_from_a_short_number(desk: Desk) -> None:
    taken = await desk.receive(complainant={"name": "某公司", "phone": "95588"})
    assert done(await desk.get("li-min", f"/v1/complaints/{taken['id']}"))["complainant"]["phone"] == "95588"
