"""The project's own encoders: the definition, and the native core where it is built."""

from shared.contracts import Contract
from shared.record_encoding import EncoderOf, RecordEncoder, ReferenceEncoder

REFERENCE, NATIVE = "reference", "native"


def encoders(contract: Contract) -> dict[str, RecordEncoder]:
    """Those that there are here, the fastest first."""
    return {REFERENCE: ReferenceEncoder(contract)}


def best_encoder() -> EncoderOf:
    """How the service itself would choose."""
    return ReferenceEncoder


def best_name() -> str:
    """Which one that is."""
    return REFERENCE
