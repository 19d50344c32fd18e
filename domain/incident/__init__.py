"""The incident of a call centre: an aggregate of its own, with commands, events and steps of its own."""

from domain.incident import evolve as evolve
