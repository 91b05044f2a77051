"""Which partition of which hub: it identifies all that the service keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionAddress:
    """One partition of one hub; sorts by hub, then by the partition's number."""

    hub: str
    partition_id: str

    def __str__(self) -> str:
        """The text form, in batch ids, messages and logs: `hub/p003`.

        Rows of a dropped file have the upload's id in place of a partition's number.
        """
        is_number = self.partition_id.isdecimal()
        number = f"{int(self.partition_id):03d}" if is_number else self.partition_id
        return f"{self.hub}/p{number}"

    def __lt__(self, other: "PartitionAddress") -> bool:
        """Sort partition 2 before partition 10."""
        return (self.hub, int(self.partition_id)) < (other.hub, int(other.partition_id))

    @property
    def table_key(self) -> str:
        """The form in table keys: `hub:00003`."""
        return f"{self.hub}:{int(self.partition_id):05d}"

    def batch_id(self, first: int, last: int) -> str:
        """The one id of a batch, in paths, files, the ledger and logs."""
        return f"{self}/{first}-{last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationAddress:
    """One generation of a partition."""

    partition: PartitionAddress
    generation: int

    def __str__(self) -> str:
        """The text form: `hub/p003 g0`."""
        return f"{self.partition} g{self.generation}"

    def __lt__(self, other: "GenerationAddress") -> bool:
        """Sort by partition, then by generation."""
        if self.partition == other.partition:
            return self.generation < other.generation
        return self.partition < other.partition
