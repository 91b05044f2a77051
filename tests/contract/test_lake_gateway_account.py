"""Filesystems, authentication and what the lake gateway refuses."""

import json
import socket
import urllib.error
import urllib.request

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.storage.filedatalake import DataLakeServiceClient

from tests.contract.lake_fixture import ACCOUNT, KEY

WRONG = {"account_name": ACCOUNT, "account_key": "d3Jvbmc="}


def test_a_filesystem_is_made_described_listed_and_deleted(lake):
    service = lake.service()
    client = service.create_file_system("one-more", metadata={"team": "landfall"})

    found = client.get_file_system_properties()
    listed = {one.name: one for one in service.list_file_systems(include_metadata=True)}
    client.delete_file_system()

    assert found.metadata == {"team": "landfall"}
    assert listed["one-more"].metadata == {"team": "landfall"}
    assert listed["one-more"].etag
    assert not client.exists()
    assert not (lake.data / "one-more").exists()


def test_filesystems_are_listed_in_pages_and_by_prefix(lake):
    service = lake.service()
    for name in ("paged-a", "paged-b", "paged-c"):
        service.create_file_system(name)

    listing = service.list_file_systems(name_starts_with="paged-", results_per_page=2)

    assert [one.name for one in listing] == ["paged-a", "paged-b", "paged-c"]


def test_a_filesystem_that_is_there_cannot_be_made_again(filesystem):
    with pytest.raises(ResourceExistsError) as refused:
        filesystem.create_file_system()

    assert (refused.value.status_code, refused.value.error_code) == (409, "ContainerAlreadyExists")


def test_the_metadata_of_a_filesystem_is_replaced(filesystem):
    filesystem.set_file_system_metadata({"first": "1"})
    filesystem.set_file_system_metadata({"second": "2"})

    assert filesystem.get_file_system_properties().metadata == {"second": "2"}


def test_in_a_missing_filesystem_nothing_is_found(lake):
    missing = lake.service().get_file_system_client("missing")

    with pytest.raises(ResourceNotFoundError) as for_create:
        missing.create_file("x")
    with pytest.raises(ResourceNotFoundError) as for_listing:
        list(missing.get_paths())
    with pytest.raises(ResourceNotFoundError) as for_read:
        missing.get_file_client("x").download_file()

    assert for_create.value.error_code == "FilesystemNotFound"
    assert for_listing.value.error_code == "FilesystemNotFound"
    assert for_read.value.error_code == "ContainerNotFound"


@pytest.mark.parametrize("name", ["ab", "Upper", "two--hyphens", "-led", ".meta", "a" * 64])
def test_a_name_that_the_service_would_not_take_is_refused(lake, name):
    with pytest.raises(HttpResponseError, match="InvalidResourceName"):
        lake.service().create_file_system(name)


def test_a_client_from_a_connection_string_works(lake, filesystem):
    with DataLakeServiceClient.from_connection_string(lake.connection_string) as service:
        client = service.get_file_system_client(filesystem.file_system_name)
        client.get_file_client("a b=c").upload_data(b"x", overwrite=True)

        assert [path.name for path in client.get_paths()] == ["a b=c"]


def test_a_client_from_the_bare_key_works(lake, filesystem):
    service = lake.service(credential=KEY)

    client = service.get_file_system_client(filesystem.file_system_name).create_file("x")

    assert client.exists()


def test_a_wrong_key_is_refused_by_both_endpoints(lake, filesystem):
    service = lake.service(credential=WRONG)
    client = service.get_file_system_client(filesystem.file_system_name).get_file_client("x")

    with pytest.raises(ClientAuthenticationError) as for_dfs:
        client.create_file()
    with pytest.raises(ClientAuthenticationError):
        client.get_file_properties()

    assert (for_dfs.value.status_code, for_dfs.value.error_code) == (403, "AuthenticationFailed")
    assert not filesystem.get_file_client("x").exists()


def test_another_account_is_refused(lake):
    other = {"account_name": "other", "account_key": KEY}

    with pytest.raises(ClientAuthenticationError):
        lake.service(credential=other).create_file_system("whatever")


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": f"SharedKey {ACCOUNT}:AAAA"}]
)
def test_an_unsigned_request_is_refused_in_the_shape_of_the_service(lake, headers):
    request = urllib.request.Request(f"{lake.url}/lake/x", method="DELETE", headers=headers)

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)

    with refused.value as answer:
        body = json.loads(answer.read())
    assert refused.value.code == 403
    assert body["error"]["code"] == refused.value.headers["x-ms-error-code"]
    assert body["error"]["code"] == "AuthenticationFailed"


def test_a_signature_of_yesterday_is_refused(lake):
    status, headers, _ = lake.raw(
        "HEAD", f"/{ACCOUNT}/lake/x", x_ms_date="Thu, 01 Jan 2026 00:00:00 GMT"
    )

    assert (status, headers["x-ms-error-code"]) == (403, "AuthenticationFailed")


@pytest.mark.parametrize(
    "ask",
    [
        lambda fs: fs.create_file("x").get_access_control(),
        lambda fs: fs.create_file("x").set_access_control(permissions="0777"),
        lambda fs: fs.create_file("x", permissions="0777"),
        lambda fs: fs.create_file("x").acquire_lease(),
        lambda fs: fs.create_file("x").set_file_expiry("NeverExpire"),
        lambda fs: list(fs.list_deleted_paths()),
        lambda fs: fs.get_file_system_access_policy(),
        lambda fs: fs.create_file("x").query_file("SELECT * from BlobStorage"),
    ],
)
def test_what_the_gateway_does_not_do_is_refused_as_the_service_would(filesystem, ask):
    with pytest.raises(HttpResponseError) as refused:
        ask(filesystem)

    assert refused.value.status_code == 501
    assert refused.value.response.headers["x-ms-error-code"] == "NotImplemented"


def test_only_the_loopback_is_listened_to(lake):
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", lake.port))
