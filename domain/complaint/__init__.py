"""One complaint and every rule of the procedures that it can decide for itself."""

from domain.complaint import evolve as evolve
