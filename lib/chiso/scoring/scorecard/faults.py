"""Faults of scorecards and values: collected over all files, then told at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from chiso.errors import ChisoError
from chiso.messages import text

MOST_TOLD = 200


class ScorecardError(ChisoError):
    """A scorecard or its values cannot be used; the message lists every fault with file and key."""


@dataclass
class Faults:
    """What is wrong, and what was taken though it looks odd.

    Attributes:
        found: faults as "file, key: what is wrong"; with one of them nothing is computed.
        notes: what the user should look at; the computation goes on.
    """

    found: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, place: str, key: str, /, **values: object) -> None:
        """Record a fault: ``scoring.fault.<key>`` at ``place``."""
        self.found.append(f"{place}: {text(f'scoring.fault.{key}', **values)}")

    def note(self, place: str, key: str, /, **values: object) -> None:
        """Record what was taken though it looks odd: ``scoring.note.<key>``."""
        self.notes.append(f"{place}: {text(f'scoring.note.{key}', **values)}")

    def stop(self) -> None:
        """Stop if there are faults.

        Raises:
            ScorecardError: lists all of them (at most :data:`MOST_TOLD` in full).
        """
        if not self.found:
            return
        lines = [text("scoring.fault.head", count=len(self.found))]
        lines += [f"  - {fault}" for fault in self.found[:MOST_TOLD]]
        if len(self.found) > MOST_TOLD:
            lines.append(text("scoring.fault.more", count=len(self.found) - MOST_TOLD))
        raise ScorecardError("\n".join(lines))
