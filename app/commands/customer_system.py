"""The deployment's customer system, asked whether a complainant is who they say (立即查询客户信息是否属实).

One GET of the address in `REDRESS_CUSTOMER_LOOKUP_URL`, where {customer_no} and {phone} stand for what the complainant
gave. A JSON object with any of `name`, `phone` and `customer_no` is compared; 404 and an empty object mean that there
is no such customer.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import quote

import httpx

from app.settings import Settings
from domain.complaint.commands import CheckCustomer, Command
from domain.complaint.complaint import Complaint
from domain.complaint.steps import allowed_steps
from domain.errors import Unavailable
from domain.phone_numbers import number_or_none
from domain.values import Actor, Complainant, CustomerAnswer

SECONDS: Final = 5.0
COMPARED: Final = ("name", "phone", "customer_no")
NOBODY: Final = CustomerAnswer.of("no-such-customer")
LONGEST_ANSWER: Final = 64 * 1024  # bytes
PLACEHOLDER: Final = re.compile(r"\{(customer_no|phone)\}")

Why = Literal["silent", "status", "too-large", "no-object", "nothing-to-compare"]


class CustomerSystemAway(Unavailable):
    """It does not answer, or not as described above; somebody may compare by hand."""

    retry_after = 5

    def __init__(self, why: Why, status: int | None = None) -> None:
        super().__init__(why=why, status=status)


class CustomerLookup:
    """Asks the customer system. Close it with `aclose`."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, *, seconds: float = SECONDS) -> None:
        self._url, self._headers, self._seconds = url, dict(headers or {}), seconds
        self._http: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def found(self, person: Complainant) -> CustomerAnswer | None:
        """What the customer system says of this person; None where they gave nothing to look them up by.

        Raises `CustomerSystemAway` where it does not answer in time, or not as described above.
        """
        given = {name: _in_address(getattr(person, name)) for name in PLACEHOLDER.findall(self._url)}
        if not any(given.values()):
            return None
        url = PLACEHOLDER.sub(lambda name: given[name[1]], self._url)
        try:
            async with asyncio.timeout(self._seconds):
                status, content = await self._answer(url)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
            raise CustomerSystemAway("silent") from None
        if status == 404:
            return NOBODY
        if status != 200:
            raise CustomerSystemAway("status", status)
        return _compared(person, _read(content))

    async def _answer(self, url: str) -> tuple[int, bytes]:
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=self._seconds, follow_redirects=False, trust_env=False)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **self._headers}
        async with self._http.stream("GET", url, headers=headers) as answer:
            content = b""
            async for part in answer.aiter_raw():
                content += part
                if len(content) > LONGEST_ANSWER:
                    raise CustomerSystemAway("too-large")
            return answer.status_code, content


def _in_address(value: str | None) -> str:
    """What somebody gave, as a part of the address that cannot leave its place: `.` and `..` name no customer."""
    return "" if value is None or not value.strip(". ") else quote(value, safe="")


def customers_of(settings: Settings) -> CustomerLookup | None:
    """The customer system that the deployment names; None where it names none."""
    if settings.customer_lookup_url is None:
        return None
    return CustomerLookup(settings.customer_lookup_url, settings.customer_lookup_headers)


async def looked_up(
    customers: CustomerLookup | None, complaint: Complaint, command: Command, actor: Actor
) -> CustomerAnswer | None:
    """What the customer system says where it is asked: by somebody who may, and does not say it themselves."""
    if customers is None or not isinstance(command, CheckCustomer) or command.matches is not None:
        return None
    if "check-customer" not in allowed_steps(complaint, actor):
        return None  # the decision refuses it
    return await customers.found(complaint.complainant)


def _read(content: bytes) -> dict[str, Any]:
    try:
        customer = json.loads(content)
    except (ValueError, RecursionError):
        customer = None
    if not isinstance(customer, dict):
        raise CustomerSystemAway("no-object")
    return customer


def _compared(person: Complainant, customer: Mapping[str, Any]) -> CustomerAnswer:
    if not customer:
        return NOBODY
    pairs = {name: (_written(name, getattr(person, name)), _written(name, customer.get(name))) for name in COMPARED}
    compared = {name: ours == theirs for name, (ours, theirs) in pairs.items() if ours and theirs}
    if not compared:
        raise CustomerSystemAway("nothing-to-compare")
    differing = tuple(name for name, same in compared.items() if not same)
    return CustomerAnswer.of("differs", *differing) if differing else CustomerAnswer.of("agrees", *compared)


def _written(name: str, value: Any) -> str:
    """As it is compared: without blanks, capitals and ways of writing a number."""
    text = "".join(str(value).split()).casefold() if isinstance(value, str | int) else ""
    return number_or_none(text) or text if name == "phone" else text
