"""`python -m app.http.openapi` writes openapi.yaml from the code; with --check it says whether the two agree."""

import sys
from pathlib import Path
from typing import Any, Final, cast

import yaml
from prometheus_client import CollectorRegistry

from app.main import described, routes_of
from app.service import Service

FILE: Final = Path(__file__).parents[2] / "openapi.yaml"
HEADER: Final = "# Generated from the code by `python -m app.http.openapi`; a test fails when the two differ.\n"


class _Nothing:
    """Stands in for all that is real: routes are described by what they say, and none of them is called."""

    def __getattr__(self, name: str) -> Any:
        return self


def generated() -> str:
    """The description of every path the service answers to, sandbox included, as YAML."""
    app = described(routes_of(cast(Service, _Nothing()), CollectorRegistry()))
    return HEADER + yaml.dump(app.openapi(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """Writes everything out: what several places share is not an anchor to a reader of this file."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def main() -> int:
    text = generated()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
        return 0
    return 0 if FILE.exists() and FILE.read_text(encoding="utf-8") == text else 1


if __name__ == "__main__":
    sys.exit(main())
