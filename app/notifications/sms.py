"""One short message through the HTTP gateway that the deployment names."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from app.notifications.channels import SmsGateway
from app.notifications.delivery import NotDelivered
from app.notifications.webhooks import post


async def send_sms(http: httpx.AsyncClient, gateway: SmsGateway, phone: str, text: str, id: UUID) -> None:
    """Asks the gateway to send a text. Raises `NotDelivered`, `NeverDelivered`."""
    filled = {"phone": phone, "text": text, "id": str(id)}
    body = _filled(gateway.body, filled)
    headers = {"Idempotency-Key": str(id), **gateway.headers}
    options: dict[str, Any] = {"data": {k: str(v) for k, v in body.items()}} if gateway.form else {"json": body}
    answer = await post(http, gateway.url, headers, **options)
    if gateway.success is not None and gateway.success not in answer:
        raise NotDelivered("gateway did not confirm")


def _filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with {phone}, {text} and {id} replaced in its texts; other braces stay."""
    if isinstance(template, str):
        if template in ("{phone}", "{text}", "{id}"):
            return values[template[1:-1]]
        for name in ("id", "phone", "text"):  # the text last: what it quotes is not replaced
            template = template.replace(f"{{{name}}}", values[name])
        return template
    if isinstance(template, dict):
        return {name: _filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, values) for value in template]
    return template
