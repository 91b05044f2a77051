"""No request reaches what lies outside of the lake's folder."""

import pytest
from azure.core.exceptions import HttpResponseError

from tests.contract.lake_fixture import ACCOUNT

SECRET = b"outside"


@pytest.fixture
def outside(lake):
    place = lake.data.parent / "outside"
    place.mkdir(exist_ok=True)
    (place / "secret").write_bytes(SECRET)
    return place


@pytest.mark.parametrize(
    "target",
    [
        "lake/../../outside/secret",
        "lake/%2e%2e/%2e%2e/outside/secret",
        "lake/..%2F..%2Foutside%2Fsecret",
        "lake%2F..%2F..%2Foutside/secret",
        "lake/a/./b",
        "..%2Foutside/secret",
        ".meta/lock",
        "%2Emeta/lock",
        "lake/%00",
        "lake/%ff",
        "lake/" + "x" * 256,
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_path_that_is_not_below_a_filesystem_is_refused(lake, outside, method, target):
    query = "?resource=file" if method == "PUT" else ""

    status, _, body = lake.raw(method, f"/{ACCOUNT}/{target}{query}")

    assert status == 400
    assert SECRET not in body
    assert (outside / "secret").read_bytes() == SECRET


@pytest.mark.parametrize("source", ["/lake/../outside", "/.meta/lock", "/lake/%2e%2e/%2e%2e/x"])
def test_a_rename_from_outside_is_refused(lake, source):
    target = f"/{ACCOUNT}/lake/x?mode=legacy"

    status, _, _ = lake.raw("PUT", target, x_ms_rename_source=source)

    assert status == 400


@pytest.mark.parametrize("directory", ["..", "../outside", "a/../../.meta", "%2e%2e"])
def test_a_listing_from_outside_is_refused(lake, directory):
    query = f"?directory={directory}&recursive=true&resource=filesystem"

    status, _, _ = lake.raw("GET", f"/{ACCOUNT}/lake{query}")

    assert status == 400


def test_another_account_in_the_path_is_refused(lake):
    status, _, _ = lake.raw("GET", "/other/lake/x")

    assert status == 400


def test_a_symbolic_link_is_neither_followed_nor_listed(lake, filesystem, outside):
    place = lake.on_disk(filesystem)
    (place / "folder").symlink_to(outside)
    (place / "file").symlink_to(outside / "secret")

    assert list(filesystem.get_paths()) == []
    assert not filesystem.get_file_client("file").exists()
    assert not filesystem.get_file_client("folder/secret").exists()


@pytest.mark.parametrize("name", ["folder/new", "folder/secret", "file"])
def test_nothing_is_written_through_a_symbolic_link(lake, filesystem, outside, name):
    place = lake.on_disk(filesystem)
    (place / "folder").symlink_to(outside)
    (place / "file").symlink_to(outside / "secret")

    with pytest.raises(HttpResponseError):
        filesystem.get_file_client(name).upload_data(b"x", overwrite=True)

    assert [one.name for one in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_bytes() == SECRET


def test_a_filesystem_that_is_a_symbolic_link_does_not_exist(lake, outside):
    (lake.data / "linked").symlink_to(outside)
    service = lake.service()

    assert not service.get_file_system_client("linked").exists()
    assert "linked" not in [one.name for one in service.list_file_systems()]
