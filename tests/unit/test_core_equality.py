"""Whatever contract and events: both cores give the same bytes, reasons, paths and details.

Runs some thousand events. For more: `make fuzz [MINUTES=60]`.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("landfall_native", reason="the native core is not built here")

from shared.contracts import Contract
from shared.native_encoder import NativeEncoder
from shared.native_pattern import UnsupportedError
from tests.equality.bodies import Bodies
from tests.equality.comparing import find_difference
from tests.equality.schemas import Schemas

randoms = st.randoms(use_true_random=False)
CASES = 40


def is_supported(contract: Contract) -> bool:
    try:
        NativeEncoder(contract)
    except UnsupportedError:
        return False
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=randoms)
def test_the_cores_agree_on_whatever_is_drawn(random: Random) -> None:
    contract = Schemas(random).contract()
    assume(is_supported(contract))
    bodies = Bodies(random, contract.record)

    assert find_difference(contract, [bodies.body() for _ in range(4)]) is None


@pytest.mark.parametrize("seed", range(50))
def test_the_cores_agree_on_a_batch_of_many(seed: int) -> None:
    random = Random(seed)
    contract = next(c for c in iter(Schemas(random).contract, None) if is_supported(c))
    bodies = Bodies(random, contract.record)

    assert find_difference(contract, [bodies.body() for _ in range(CASES)]) is None
