"""Who takes the steps that are measured: one person of the call centre, who has every role that the stories ask for."""

from typing import Final

from domain.values import Actor

AT_THE_DESK: Final = Actor("desk-1", frozenset({"agent", "manager", "board-office"}))
