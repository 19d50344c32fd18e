"""`python -m app.openapi`: writes openapi.yaml from the code, or with --check says whether it still agrees."""

import sys
from pathlib import Path

import yaml

from app.main import build
from app.sealing import MasterKey
from app.service import Service

FILE = Path(__file__).parent.parent / "openapi.yaml"
HEADER = "# Generated from the code by `python -m app.openapi`; a test fails when the two differ.\n"


def generated() -> str:
    """The description of every path the service answers to, sandbox included, as YAML."""
    app = build(Service("postgresql://", MasterKey(bytes(32)), sandbox=True))
    return HEADER + yaml.safe_dump(app.openapi(), sort_keys=False, allow_unicode=True, width=120)


def main() -> int:
    text = generated()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
        return 0
    return 0 if FILE.exists() and FILE.read_text(encoding="utf-8") == text else 1


if __name__ == "__main__":
    sys.exit(main())
