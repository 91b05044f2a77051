import importlib
import sys

import pytest


def test_who_compares_the_cores_without_the_native_one_is_told_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "landfall_native", None)
    # Which tests ran before has imported these, or has not.
    for name in ("shared.encoding.native_encoder", "fuzz.supporting", "fuzz.__main__"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    with pytest.raises(SystemExit, match=r"install Rust \(cargo\) and run `make setup`"):
        importlib.import_module("fuzz.__main__")
