"""The project's own encoders: the reference, and the native core if it is built."""

from benchmarks.readings import CONTRACT
from shared.contracts.contract import Contract
from shared.encoding.encoder_choice import choose_core
from shared.encoding.reference_encoder import EncoderOf, RecordEncoder, ReferenceEncoder

REFERENCE, NATIVE = "reference", "native"


def encoders(contract: Contract) -> dict[str, RecordEncoder]:
    """The encoders available here, the fastest first."""
    core = choose_core([contract])
    found: dict[str, RecordEncoder] = {REFERENCE: ReferenceEncoder(contract)}
    if core.name == NATIVE and contract.id not in core.fallbacks:
        return {NATIVE: core.encoder_of(contract), **found}
    return found


def best_encoder() -> EncoderOf:
    """The encoder that the service would choose for the benchmarks' contract."""
    return choose_core([CONTRACT]).encoder_of


def best_name() -> str:
    """The name of the best encoder."""
    return next(iter(encoders(CONTRACT)))
