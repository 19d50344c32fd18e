"""From the spool to the service: in order, in batches, signed as in Standard Webhooks, till each is settled."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import httpx

from softphone.spool import Event, Spool

PATH: Final = "/v1/calls/events"
MEDIA_TYPE: Final = "application/cloudevents-batch+json"
PREFIX: Final = "whsec_"
MOST: Final = 100
SECONDS: Final = 30
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 60.0
TAKEN: Final = (200, 202)
TOO_LARGE: Final = 413
NOT_THEIRS: Final = (401, 403)
GOOD: Final = 200
Report = Callable[[str, Mapping[str, object]], None]


class NoSecret(ValueError):
    """A secret begins with `whsec_` and is base64."""


class Poster:
    """Posts what is in a spool. `report` hears what an operator should know: a code and its facts."""

    def __init__(self, spool: Spool, address: str, secret: str, report: Report) -> None:
        """Raises `NoSecret`."""
        self._spool, self._url, self._report = spool, address.rstrip("/") + PATH, report
        try:
            self._secret = b64decode(secret.removeprefix(PREFIX), validate=True)
        except ValueError:
            self._secret = b""
        if not secret.startswith(PREFIX) or not self._secret:
            raise NoSecret
        self._most, self._pause, self._trouble = MOST, FIRST_PAUSE, ""
        self.news = asyncio.Event()

    async def run(self) -> None:
        """For ever."""
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as http:
            while True:
                self.news.clear()
                batch = self._spool.next(self._most)
                if not batch:
                    # Others put something in, too: `say`.
                    await _either(self.news.wait(), 1.0)
                elif not await self._post(http, batch):
                    await asyncio.sleep(self._pause)
                    self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _post(self, http: httpx.AsyncClient, batch: Sequence[Event]) -> bool:
        """Whether it got anywhere."""
        body = json.dumps([event.cloud_event for event in batch], ensure_ascii=False).encode()
        try:
            answer = await http.post(self._url, content=body, headers=self._signed(f"{self._spool.id}", body))
            items = answer.json().get("items") if answer.status_code == GOOD else None
        except (httpx.HTTPError, ValueError) as error:
            return self._failed("service-away", {"error": type(error).__name__})
        if answer.status_code == TOO_LARGE and len(batch) > 1:
            self._most = len(batch) // 2
            return True
        if answer.status_code in NOT_THEIRS:
            self._pause = LONGEST_PAUSE
            return self._failed("not-let-in", {"status": answer.status_code})
        if items is None or len(items) != len(batch):
            self._pause = max(self._pause, _seconds(answer.headers.get("retry-after")))
            return self._failed("service-busy", {"status": answer.status_code})
        return self._settle(batch, items)

    def _settle(self, batch: Sequence[Event], items: Sequence[Mapping[str, Any]]) -> bool:
        pairs = list(zip(batch, items, strict=True))
        taken = [event.number for event, item in pairs if item.get("status") in TAKEN]
        refused = {
            event.number: item.get("problem") or {} for event, item in pairs
            if item.get("status") not in TAKEN and not _may_be_taken_later(item)
        }  # fmt: skip
        try:
            self._spool.settle(taken, refused)
        except sqlite3.Error as error:
            return self._failed("spool-full", {"error": str(error)})
        if refused:
            self._report("refused", {"events": len(refused)})
        if len(taken) + len(refused) < len(batch):
            return self._failed("service-busy", {"status": 200})
        if self._trouble:
            self._report("back", {"events": len(taken)})
        self._most, self._pause, self._trouble = MOST, FIRST_PAUSE, ""
        return True

    def _failed(self, trouble: str, facts: Mapping[str, object]) -> bool:
        """Said once for each kind of trouble, not at every try."""
        if trouble != self._trouble:
            self._report(trouble, facts)
        self._trouble = trouble
        return False

    def _signed(self, id: str, body: bytes) -> dict[str, str]:
        at = str(int(time.time()))
        digest = hmac.digest(self._secret, f"{id}.{at}.".encode() + body, hashlib.sha256)
        return {
            "content-type": MEDIA_TYPE, "webhook-id": id, "webhook-timestamp": at,
            "webhook-signature": f"v1,{b64encode(digest).decode()}",
        }  # fmt: skip


def _may_be_taken_later(item: Mapping[str, Any]) -> bool:
    """Anything but a refusal of this very event: the storage was away, or somebody else was before it."""
    status = item.get("status")
    return not isinstance(status, int) or status >= 500 or status in (408, 409, 429)


def _seconds(said: str | None) -> float:
    return float(said) if said is not None and said.isdigit() else 0.0


async def _either(waiting: Any, seconds: float) -> None:
    try:
        await asyncio.wait_for(waiting, seconds)
    except TimeoutError:
        return
