import importlib
import sys

import pytest


def test_who_compares_the_cores_without_the_native_one_is_told_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "landfall_native", None)
    monkeypatch.delitem(sys.modules, "shared.native_encoder", raising=False)
    monkeypatch.delitem(sys.modules, "tests.equality.__main__", raising=False)

    with pytest.raises(SystemExit, match=r"install Rust \(cargo\) and run `make setup`"):
        importlib.import_module("tests.equality.__main__")
