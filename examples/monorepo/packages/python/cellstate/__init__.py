"""Cells in memory, with the operations of the HTTP API."""

__version__ = "0.5.5"


class Cells:
    """A place for cells: an id and its state each."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def put(self, cell: str, state: str) -> None:
        """Store a cell."""
        self._states[cell] = state

    def get(self, cell: str) -> str:
        """The state of a cell; KeyError if there is none."""
        return self._states[cell]

    def delete(self, cell: str) -> None:
        """Forget a cell."""
        self._states.pop(cell, None)

    def list(self) -> list[str]:
        """The ids of all cells, sorted."""
        return sorted(self._states)
