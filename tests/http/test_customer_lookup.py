"""The customer system of a deployment, asked over real HTTP: what it says, what differs, and how it goes without."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
import pytest_asyncio
from pydantic import ValidationError

from app.commands.customer_system import CustomerLookup, customers_of
from app.settings import Settings
from tests.app.receiving import WebServer, web_server
from tests.http.desk import Desk, done, open_desk, problem

CUSTOMER: Final = {"name": "张三", "phone": "138 0013 8000", "customer_no": "c-1001", "level": "VIP"}
PATH: Final = "/customers/{customer_no}?phone={phone}"


@dataclass
class Checking:
    """A desk whose dealer group has a customer system: `system` is that."""

    desk: Desk
    system: WebServer

    async def classified(self, **facts: Any) -> str:
        complaint = await self.desk.receive("li-min", procedure="dealer-4s", force=True, **facts)
        id: str = complaint["id"]
        await self.desk.step("li-min", id, "classify", severity="general", category="vehicle")
        return id

    async def checked(self, id: str, language: str = "en") -> dict[str, Any]:
        """What the history says of the last check."""
        headers = {"Accept-Language": language}
        items = done(await self.desk.get("li-min", f"/v1/complaints/{id}/history", headers=headers))["items"]
        found: dict[str, Any] = [event["data"] for event in items if event["type"] == "CustomerChecked"][-1]
        return found

    def knows(self, **customer: Any) -> None:
        self.system.body = json.dumps(customer).encode()


@asynccontextmanager
async def opened(database: str, path: str, **options: Any) -> AsyncIterator[Checking]:
    async with web_server() as system:
        lookup = CustomerLookup(system.url(path), {"Authorization": "Bearer of-the-crm"}, **options)
        async with open_desk(database, sandbox=True, customers=lookup) as desk:
            yield Checking(desk, system)


@pytest_asyncio.fixture
async def checking(database: str) -> AsyncIterator[Checking]:
    async with opened(database, PATH) as found:
        yield found


async def test_a_case_opens_only_after_the_customer_was_checked_against_the_customer_system(checking: Checking) -> None:
    id = await checking.classified()
    refusal = await checking.desk.refused(409, "li-min", id, "dispatch", units=["shop"])
    assert refusal["missing"] == ["the customer's data checked against the customer system"]
    checking.knows(**CUSTOMER)
    complaint = await checking.desk.step("li-min", id, "check-customer")
    assert "dispatch" in complaint["allowed"]
    assert await checking.checked(id) == {
        "matches": True, "source": "lookup",
        "findings": "Agrees with the customer system: name, phone, customer number",
        "answer": {"code": "agrees", "fields": ["name", "phone", "customer_no"]},
    }  # fmt: skip
    chinese = await checking.checked(id, "zh")
    assert chinese["findings"] == "与客户系统一致：姓名、电话、客户编号"
    [asked] = checking.system.posted
    assert asked.path == "/customers/C-1001?phone=%2B8613800138000"
    assert asked.headers["authorization"] == "Bearer of-the-crm"
    complaint = await checking.desk.step("li-min", id, "dispatch", units=["shop"])
    assert complaint["status"] == "dispatched"


async def test_what_differs_is_named_without_repeating_what_either_side_says(checking: Checking) -> None:
    id = await checking.classified()
    checking.knows(**CUSTOMER | {"name": "李四", "phone": "13900000000"})
    await checking.desk.step("li-min", id, "check-customer")
    found = await checking.checked(id)
    assert (found["matches"], found["findings"]) == (False, "Differs from the customer system: name, phone")
    complaint = await checking.desk.step("li-min", id, "dispatch", units=["shop"])  # checked, and the shop knows
    assert complaint["status"] == "dispatched"


@pytest.mark.parametrize(("status", "body"), [(404, b"no such customer"), (200, b"{}")])
async def test_a_customer_whom_the_system_does_not_know_does_not_match(
    checking: Checking, status: int, body: bytes
) -> None:
    id = await checking.classified()
    checking.system.status, checking.system.body = status, body
    await checking.desk.step("li-min", id, "check-customer", findings="来电人自称车主")
    found = await checking.checked(id)
    assert (found["matches"], found["findings"]) == (False, "来电人自称车主")
    refusal = await checking.desk.refused(409, "li-min", id, "dispatch", units=["shop"])
    assert refusal["missing"] == ["a customer that the customer system knows, or an override"]
    await checking.desk.refused(403, "li-min", id, "override", reason="行驶证已核对")
    complaint = await checking.desk.step("zhao-jing", id, "override", reason="行驶证已核对")
    assert "dispatch" in complaint["allowed"]
    complaint = await checking.desk.step("li-min", id, "dispatch", units=["shop"])
    assert complaint["status"] == "dispatched"


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (500, b"", "answered with status 500"),
        (302, b"", "answered with status 302"),
        (200, b"<html>", "did not answer with a JSON object"),
        (200, b"[]", "did not answer with a JSON object"),
        (200, b"[" * 60_000, "did not answer with a JSON object"),
        (200, b'{"level": "VIP"}', "answered without a name, phone or customer_no"),
        (200, b'"' + b"x" * 70_000 + b'"', "answered with more than 64 KiB"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_said_so_and_the_person_records_what_they_found(
    checking: Checking, status: int, body: bytes, what: str
) -> None:
    id = await checking.classified()
    checking.system.status, checking.system.body = status, body
    checking.system.more_headers = f"location: {checking.system.url('/elsewhere')}\r\n"
    refusal = await checking.desk.refused(503, "li-min", id, "check-customer")
    assert refusal["type"] == "/problems/customer-system-away"
    assert what in refusal["detail"]
    assert "matches and findings" in refusal["detail"]
    assert len(checking.system.posted) == 1  # a redirection is not followed
    await checking.desk.step("li-min", id, "check-customer", matches=True, findings="与系统截图一致")
    assert (await checking.checked(id))["source"] == "person"
    assert len(checking.system.posted) == 1


async def test_a_customer_system_that_is_slow_is_not_waited_for(database: str) -> None:
    async with opened(database, PATH, seconds=0.2) as checking:
        id = await checking.classified()
        checking.system.silent = True
        answer = await checking.desk.post("li-min", f"/v1/complaints/{id}/check-customer", {})
        problem(answer, 503, "customer-system-away")
        assert answer.headers["retry-after"] == "5"


async def test_a_customer_system_that_is_down_is_said_to_be_so(database: str) -> None:
    async with web_server() as gone:
        url = gone.url(PATH)
    async with open_desk(database, sandbox=True, customers=CustomerLookup(url)) as desk:
        id = (await desk.receive("li-min", procedure="dealer-4s"))["id"]
        refusal = await desk.refused(503, "li-min", id, "check-customer")
        assert refusal["type"] == "/problems/customer-system-away"


async def test_a_repeated_request_does_not_ask_the_customer_system_again(checking: Checking) -> None:
    id = await checking.classified()
    checking.knows(**CUSTOMER)
    for _ in range(2):
        answer = await checking.desk.post(
            "li-min", f"/v1/complaints/{id}/check-customer", {}, headers={"Idempotency-Key": "check-once"}
        )
        done(answer)
    assert answer.headers["idempotency-replayed"] == "true"
    assert len(checking.system.posted) == 1


async def test_nobody_who_may_not_check_makes_the_service_ask(checking: Checking) -> None:
    id = await checking.classified()
    await checking.desk.refused(403, "he-ping", id, "check-customer")
    await checking.desk.step("li-min", id, "withdraw", reason="客户撤诉")
    await checking.desk.refused(409, "li-min", id, "check-customer")
    assert checking.system.posted == []


async def test_who_gave_nothing_to_be_looked_up_by_is_checked_by_hand(database: str) -> None:
    async with opened(database, "/customers/{customer_no}") as checking:
        id = await checking.classified(complainant={"name": "张三", "phone": "+8613800138000"})
        refusal = await checking.desk.refused(422, "li-min", id, "check-customer")
        assert refusal["type"] == "/problems/check-needs-result"
        assert checking.system.posted == []


@pytest.mark.parametrize("customer_no", [".", "..", " .. "])
async def test_nobody_reaches_another_place_of_the_customer_system_by_what_they_gave(
    database: str, customer_no: str
) -> None:
    async with opened(database, "/customers/{customer_no}") as checking:
        id = await checking.classified(complainant={"name": "张三", "customer_no": customer_no})
        refusal = await checking.desk.refused(422, "li-min", id, "check-customer")
        assert refusal["type"] == "/problems/check-needs-result"
        assert checking.system.posted == []


async def test_an_anonymous_complaint_needs_no_check(checking: Checking) -> None:
    id = await checking.classified(complainant={"anonymous": True})
    assert (await checking.desk.step("li-min", id, "dispatch", units=["shop"]))["status"] == "dispatched"


async def test_without_a_customer_system_a_case_opens_unchecked(sandbox: Desk) -> None:
    id = (await sandbox.receive("li-min", procedure="dealer-4s"))["id"]
    complaint = await sandbox.step("li-min", id, "classify", severity="general", category="vehicle")
    assert "dispatch" in complaint["allowed"]
    assert (await sandbox.step("li-min", id, "dispatch", units=["shop"]))["status"] == "dispatched"


def test_the_address_of_a_customer_system_says_where_the_customer_goes() -> None:
    for wrong in ("https://crm.internal/customers", "ftp://crm.internal/{phone}", "{phone}"):
        with pytest.raises(ValidationError):
            Settings(customer_lookup_url=wrong)
    assert customers_of(Settings(customer_lookup_url="https://crm.internal/{customer_no}")) is not None
    assert customers_of(Settings()) is None
