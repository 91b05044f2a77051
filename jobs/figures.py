"""What a run counted."""

import json
from dataclasses import asdict, dataclass

from shared.transform.requests import REPORT_FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFigures:
    """Of the good rows, silver gained `merged`; it had the others before."""

    rows_in: int
    merged: int
    seconds: float
    rows_quarantined: int = 0

    @property
    def rows_out(self) -> int:
        """The rows that silver now holds of them, however often the run is repeated."""
        return self.rows_in - self.rows_quarantined

    @property
    def duplicates(self) -> int:
        """The good rows that silver had before."""
        return self.rows_out - self.merged

    @property
    def report(self) -> str:
        """The figures as one line of JSON, which shared/transform/requests.py reads."""
        derived = {"rows_out": self.rows_out, "duplicates": self.duplicates}
        return json.dumps({"format": REPORT_FORMAT} | asdict(self) | derived)
