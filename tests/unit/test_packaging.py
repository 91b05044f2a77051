import importlib
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from ops.package import (
    Build,
    build_wheels,
    copy_app,
    deployed_names,
    name_wheels,
    told_error,
    zip_folder,
)
from tests.root import ROOT

DEPLOYED = [
    "contracts",
    "function_app.py",
    "functions",
    "host.json",
    "requirements.txt",
    "shared",
]


def test_what_is_deployed_is_the_service_alone() -> None:
    assert list(deployed_names(ROOT)) == DEPLOYED


def test_a_package_is_made_anew_of_what_is_deployed(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "of_old").touch()

    copy_app(ROOT, folder)

    assert sorted(path.name for path in folder.iterdir()) == DEPLOYED
    assert (folder / "function_app.py").read_bytes() == (ROOT / "function_app.py").read_bytes()
    assert not [*folder.rglob("__pycache__")]


def test_an_installation_takes_the_wheel_for_its_machine(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")

    name_wheels(requirements, {"x86_64": Path("built/core-1-x86_64.whl")})

    assert requirements.read_text() == (
        'one==1\n./wheels/core-1-x86_64.whl; platform_machine == "x86_64"\n'
    )


def a_builder(*unable: str) -> Build:
    def build(_crate: Path, target: str, into: Path) -> str:
        machine = target.partition("-")[0]
        if machine in unable:
            return "error: no zig"
        (into / f"core-1-manylinux_2_17_{machine}.whl").touch()
        return ""

    return build


@pytest.mark.parametrize(
    ("unable", "built"),
    [
        ([], ["x86_64", "aarch64"]),
        (["aarch64"], ["x86_64"]),
        (["x86_64"], ["aarch64"]),
        (["x86_64", "aarch64"], []),
    ],
)
def test_a_wheel_that_cannot_be_built_is_told_and_left_out(
    unable: list[str], built: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheels = build_wheels(ROOT / "native", tmp_path, a_builder(*unable))

    assert {machine: wheel.name for machine, wheel in wheels.items()} == {
        machine: f"core-1-manylinux_2_17_{machine}.whl" for machine in built
    }
    assert capsys.readouterr().out.splitlines() == [
        f"no wheel for {machine}: error: no zig" for machine in unable
    ]


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (
            "Locking\nerror: rustc 1.80 is not supported\n\nfailed\n  Caused by: `env -u cargo`\n",
            "error: rustc 1.80 is not supported",
        ),
        ("python: No module named maturin\n", "python: No module named maturin"),
        (
            "failed\n  Caused by: Failed to find zig\n  Caused by: no such file\n",
            "Failed to find zig: no such file",
        ),
        ("", "its builder says no more"),
    ],
)
def test_why_a_wheel_cannot_be_built_is_told_in_one_line(output: str, told: str) -> None:
    assert told_error(output) == told


def test_a_zip_deployment_has_the_app_at_its_top(tmp_path: Path) -> None:
    copy_app(ROOT, tmp_path / "app")

    with ZipFile(zip_folder(tmp_path / "app")) as packed:
        assert {"host.json", "functions/ingest.py", "shared/landing/lander.py"} <= {
            *packed.namelist()
        }


@pytest.fixture(scope="module")
def installed() -> Mapping[str, list[str]]:
    """The packages of every wheel that is installed."""
    return packages_distributions()


@pytest.mark.parametrize("package", ["functions", "shared", "producer", "local", "ops"])
def test_a_package_of_ours_is_not_a_wheels_of_the_same_name(
    package: str, installed: Mapping[str, list[str]]
) -> None:
    module = importlib.import_module(package)

    assert Path(module.__file__).parent == ROOT / package
    assert package not in installed


def test_the_deployed_requirements_are_pinned_and_name_no_tool() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    required = [line.partition(";")[0].strip() for line in lines if line and line[0] != "#"]

    assert all("==" in line for line in required)
    assert not {line.partition("==")[0] for line in required} & {"pytest", "ruff", "aiohttp"}
