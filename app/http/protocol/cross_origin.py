"""Pages of other origins that may call the API from a browser: those that the deployment names, and no others.

They send a key as every caller does. No cookie of this service is ever sent with their requests.
"""

from functools import partial
from typing import Final

from starlette.middleware.cors import CORSMiddleware

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS: Final = (
    "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Redress-Acting-For",
    "X-Request-Id",
)  # fmt: skip
ANSWER_HEADERS: Final = (
    "Content-Disposition", "Content-Language", "ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit",
    "RateLimit-Policy", "Redress-Position", "Redress-Sandbox-Time", "Retry-After", "X-Request-Id",
)  # fmt: skip
AN_HOUR: Final = 3600

CrossOrigin = partial(
    CORSMiddleware,
    allow_methods=METHODS,
    allow_headers=REQUEST_HEADERS,
    expose_headers=ANSWER_HEADERS,
    max_age=AN_HOUR,
)
