from pathlib import Path

import pytest

from local import setup


class Builder:
    """What would build the core and remove it."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        self.done: list[str] = []

    def install_core(self) -> str:
        self.done.append("built")
        return self.problem

    def remove_core(self) -> None:
        self.done.append("removed")


def a_setup(monkeypatch: pytest.MonkeyPatch, folder: Path, *, has_rust: bool) -> None:
    """Have everything but the core be there already."""
    monkeypatch.setattr(setup, "CORE_STAMP", folder / "landfall-core")
    monkeypatch.setattr(setup, "_is_current", lambda: True)
    monkeypatch.setattr(setup, "_has_rust", lambda: has_rust)


def a_builder(monkeypatch: pytest.MonkeyPatch, problem: str = "") -> Builder:
    builder = Builder(problem)
    monkeypatch.setattr(setup, "_install_core", builder.install_core)
    monkeypatch.setattr(setup, "_remove_core", builder.remove_core)
    return builder


def test_without_rust_the_set_up_says_how_to_get_it_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_setup(monkeypatch, tmp_path, has_rust=False)
    builder = a_builder(monkeypatch)

    assert setup.main() == 0
    assert builder.done == ["removed"]
    assert capsys.readouterr().out.splitlines() == [
        "setup: no Rust here, so the service runs on the reference, in Python, which is slower; "
        "install cargo, with rustup or as a system package, to have the native core",
        "setup: ready",
    ]


@pytest.mark.parametrize("has_rust", [True, False])
def test_a_core_that_is_current_is_not_built_again(
    has_rust: bool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    a_setup(monkeypatch, tmp_path, has_rust=has_rust)
    builder = a_builder(monkeypatch)
    setup.main()
    builder.done.clear()
    capsys.readouterr()

    assert setup.main() == 0
    assert builder.done == []
    assert capsys.readouterr().out == ""


def test_a_core_is_built_once_rust_is_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    builder = a_builder(monkeypatch)
    a_setup(monkeypatch, tmp_path, has_rust=False)
    setup.main()
    a_setup(monkeypatch, tmp_path, has_rust=True)

    assert setup.main() == 0
    assert builder.done == ["removed", "built"]


def test_a_core_is_built_again_when_its_sources_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_setup(monkeypatch, tmp_path, has_rust=True)
    builder = a_builder(monkeypatch)
    (source := tmp_path / "lib.rs").touch()
    monkeypatch.setattr(setup, "CORE_INPUTS", (source,))
    setup.main()
    source.write_text("other")

    assert setup.main() == 0
    assert builder.done == ["built", "built"]


def test_a_core_that_cannot_be_built_is_told_removed_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_setup(monkeypatch, tmp_path, has_rust=True)
    builder = a_builder(monkeypatch, "error: rustc is too old")

    assert (setup.main(), setup.main()) == (0, 0)
    assert builder.done == ["built", "removed"] * 2
    assert "on the reference, in Python:\nerror: rustc is too old\n" in capsys.readouterr().out
