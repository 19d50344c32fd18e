"""The same `sandbox` that the tests of HTTP have."""

from tests.http.conftest import sandbox

__all__ = ["sandbox"]
