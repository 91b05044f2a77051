"""Which implementation judges and encodes: chosen once for each contract, when the service starts.

The native core is optional, and gives what the reference gives. If it is missing, has another
version, or lacks what a contract needs, the reference does the work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.contracts.contract import Contract, ContractId
from shared.encoding.native_pattern import UnsupportedError
from shared.encoding.reference_encoder import EncoderOf, RecordEncoder, ReferenceEncoder
from shared.errors import MisconfiguredError

CoreName = Literal["native", "reference"]
CoreChoice = Literal["auto", "native", "reference"]
CORE_CHOICES: tuple[CoreChoice, ...] = ("auto", "native", "reference")
# Must match the crate exactly; plan format and output change between versions.
NATIVE_VERSION = "0.2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """What encodes; `fallbacks` says why a contract is left to the reference.

    `problem` says why the native core is not used, although nobody asked for the reference.
    """

    name: CoreName
    version: str | None = None
    problem: str | None = None
    fallbacks: Mapping[ContractId, str] = field(default_factory=dict)
    encoders: Mapping[ContractId, RecordEncoder] = field(repr=False)

    def encoder_of(self, contract: Contract) -> RecordEncoder:
        """The contract's encoder; raises KeyError for a contract that the core does not know."""
        return self.encoders[contract.id]


def choose_core(contracts: Iterable[Contract], wanted: CoreChoice = "auto") -> Core:
    """Make each contract's encoder; raises MisconfiguredError if the wanted core is missing."""
    known = tuple(contracts)
    if wanted == "reference":
        return _reference(known)
    problem = _native_problem()
    if problem is None:
        # Not at the top: it imports the wheel, which may be missing.
        from shared.encoding.native_encoder import NativeEncoder

        return _native(known, NativeEncoder)
    if wanted == "native":
        message = f"LANDFALL_CORE is native, and {problem}"
        raise MisconfiguredError(message, hint="install the wheel beside the app, or set auto")
    return _reference(known, problem)


def _native_problem() -> str | None:
    try:
        from landfall_native import __version__
    except ImportError as error:
        return f"the native core is not installed: {error}"
    if __version__ != NATIVE_VERSION:
        return f"the native core is {__version__}, this code needs {NATIVE_VERSION}"
    return None


def _reference(contracts: Iterable[Contract], problem: str | None = None) -> Core:
    encoders = {contract.id: ReferenceEncoder(contract) for contract in contracts}
    return Core(name="reference", problem=problem, encoders=encoders)


def _native(contracts: Iterable[Contract], native: EncoderOf) -> Core:
    encoders: dict[ContractId, RecordEncoder] = {}
    fallbacks: dict[ContractId, str] = {}
    for contract in contracts:
        try:
            encoders[contract.id] = native(contract)
        except UnsupportedError as error:
            fallbacks[contract.id] = str(error)
            encoders[contract.id] = ReferenceEncoder(contract)
    return Core(name="native", version=NATIVE_VERSION, fallbacks=fallbacks, encoders=encoders)


def core_document(core: Core) -> Mapping[str, object]:
    """Which core is in use, as the status and the log say it."""
    return {
        "name": core.name,
        "version": core.version,
        "problem": core.problem,
        "fallbacks": {str(contract): why for contract, why in sorted(core.fallbacks.items())},
    }
