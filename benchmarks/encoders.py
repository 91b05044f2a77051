"""The project's own encoders: the definition, and the native core where it is built."""

from benchmarks.readings import CONTRACT
from shared.contracts.contract import Contract
from shared.encoding.encoder_choice import choose_core
from shared.encoding.reference_encoder import EncoderOf, RecordEncoder, ReferenceEncoder

REFERENCE, NATIVE = "reference", "native"


def encoders(contract: Contract) -> dict[str, RecordEncoder]:
    """Those that there are here, the fastest first."""
    core = choose_core([contract])
    found: dict[str, RecordEncoder] = {REFERENCE: ReferenceEncoder(contract)}
    if core.name == NATIVE and contract.id not in core.fallbacks:
        return {NATIVE: core.encoder_of(contract), **found}
    return found


def best_encoder() -> EncoderOf:
    """What the service itself would choose for the benchmarks' contract."""
    return choose_core([CONTRACT]).encoder_of


def best_name() -> str:
    """Which one that is."""
    return next(iter(encoders(CONTRACT)))
