"""Which contracts the native core may leave to the reference: only for known reasons."""

import re

from shared.contracts.contract import Contract
from shared.encoding.native_encoder import NativeEncoder
from shared.encoding.native_pattern import UnsupportedError

# Any other reason is a bug, which would otherwise look like a missing feature of the core.
ALLOWED = re.compile(
    r"pattern with (flags|a lone surrogate|groups that nest too deep|at_end|at_non_boundary"
    r"|groupref|groupref_exists|assert|assert_not|possessive_repeat|atomic_group)"
    r"|pattern .*: Compiled regex exceeds size limit of \d+ bytes\."
    r"|a size or a length beyond 2\^63 - 1"
    r"|its types, written out, are more than 10,000",
    re.DOTALL,
)


def find_lack(contract: Contract) -> str | None:
    """What the native core lacks for a contract; raises AssertionError if it should not lack it."""
    try:
        NativeEncoder(contract)
    except UnsupportedError as error:
        lack = str(error)
        assert ALLOWED.fullmatch(lack), f"{lack}: {dict(contract.schema)}"
        return lack
    return None
