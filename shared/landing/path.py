"""Where a landing's files stand in the lake: a name that says what is in the file."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contracts.contract import ContractId
from shared.hub.address import GenerationAddress, PartitionAddress
from shared.hub.sequence_range import SequenceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingPath:
    """The path of a bronze file or, without a contract, of a quarantine file."""

    #: None for a quarantine file.
    contract: ContractId | None
    #: The first event's time, cut to the hour: a date folder holds what entered the hub then, UTC.
    enqueued_at: datetime
    #: The partition of the batch.
    address: PartitionAddress
    #: The generation of the batch.
    generation: int
    #: From the batch's first number to its last.
    range: SequenceRange
    #: The first 8 hex digits of the bytes' SHA-256.
    digest: str

    @property
    def place(self) -> GenerationAddress:
        """The generation that the file belongs to."""
        return GenerationAddress(partition=self.address, generation=self.generation)

    def __str__(self) -> str:
        """Build the path below the file system's root."""
        layer = (
            f"bronze/{self.contract.name}/v={self.contract.version}"
            if self.contract
            else "quarantine"
        )
        hour = self.enqueued_at.astimezone(UTC)
        return (
            f"{layer}/dt={hour:%Y-%m-%d}/hr={hour:%H}/"
            f"{self.address.hub}-p{int(self.address.partition_id):03d}-g{self.generation}"
            f"-{self.range.first:020d}-{self.range.last:020d}-{self.digest}.avro"
        )


PATH = re.compile(
    r"(?:bronze/(?P<contract>[^/]+)/v=(?P<version>\d+)|quarantine)"
    r"/dt=(?P<date>\d{4}-\d{2}-\d{2})/hr=(?P<hour>\d{2})"
    r"/(?P<hub>[^/]+)-p(?P<partition>\d{3,})-g(?P<generation>\d+)"
    r"-(?P<first>\d{20})-(?P<last>\d{20})-(?P<digest>[0-9a-f]{8})\.avro"
)


def parse_landing_path(path: str) -> LandingPath | None:
    """Parse a path; None if it is not that of a landing's file."""
    matched = PATH.fullmatch(path)
    if not matched:
        return None
    part = matched.groupdict()
    contract = part["contract"]
    return LandingPath(
        contract=ContractId(name=contract, version=int(part["version"])) if contract else None,
        enqueued_at=datetime.fromisoformat(f"{part['date']}T{part['hour']}:00:00+00:00"),
        address=PartitionAddress(hub=part["hub"], partition_id=str(int(part["partition"]))),
        generation=int(part["generation"]),
        range=SequenceRange(first=int(part["first"]), last=int(part["last"])),
        digest=part["digest"],
    )
