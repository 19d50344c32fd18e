"""Requests to other systems, and webhooks among them, signed as Standard Webhooks has it.

Redirects are not followed, an attempt has its seconds, and no more of an answer is read than is needed.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec

from app.notifications.delivery import NeverDelivered, NotDelivered, refusal_of_http
from app.notifications.networks import outside_of

ANSWER_LIMIT: Final = 64_000  # bytes


def client(seconds: float) -> httpx.AsyncClient:
    """For all requests of a process; the environment's proxies and passwords are none of its business."""
    return httpx.AsyncClient(
        timeout=seconds, follow_redirects=False, trust_env=False, limits=httpx.Limits(max_connections=20)
    )


def key_of_secret(secret: str) -> bytes:
    """The bytes behind `whsec_…`. Raises ValueError."""
    return base64.b64decode(secret.removeprefix("whsec_"), validate=True)


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of a request. Source: Standard Webhooks specification, "Signature scheme"."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key_of_secret(secret), signed, "sha256")).decode()


async def send_webhook(
    http: httpx.AsyncClient,
    url: str,
    secret: str,
    content: Mapping[str, Any],
    id: UUID,
    at: datetime,
    *,
    private_networks: bool,
) -> None:
    """Posts the content as JSON under an id that stays the same. Raises `NotDelivered`, `NeverDelivered`.

    Into private networks only where they are allowed: else what is connected to is the address that was checked.
    """
    body, timestamp = msgspec.json.encode(content), int(at.timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": str(id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, str(id), timestamp, body),
    }
    if private_networks:
        await post(http, url, headers, content=body)
        return
    try:
        named = httpx.URL(url)
    except httpx.InvalidURL:
        raise NeverDelivered("not an address") from None
    pinned = str(named.copy_with(host=await outside_of(named)))
    headers["host"] = named.netloc.decode("ascii")
    await post(http, pinned, headers, content=body, extensions={"sni_hostname": named.host})


async def post(http: httpx.AsyncClient, url: str, headers: Mapping[str, str], **options: Any) -> str:
    """Posts, and returns the beginning of the answer."""
    try:
        async with http.stream("POST", url, headers=dict(headers), **options) as answer:
            if not answer.is_success:
                raise refusal_of_http(answer.status_code)
            begun = bytearray()
            async for chunk in answer.aiter_raw(ANSWER_LIMIT):
                begun += chunk
                if len(begun) >= ANSWER_LIMIT:
                    break
            return bytes(begun[:ANSWER_LIMIT]).decode("utf-8", "replace")
    except httpx.TimeoutException:
        raise NotDelivered("http timeout") from None
    except httpx.InvalidURL:
        raise NeverDelivered("not an address") from None
    except httpx.HTTPError as error:
        raise NotDelivered(f"http {type(error).__name__}") from None
