"""What something is called, in Chinese and in English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Title:
    zh: str
    en: str
