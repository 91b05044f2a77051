"""Conditional requests through the lake gateway, and races that they decide."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
IF_MISSING = {"match_condition": MatchConditions.IfMissing}


def if_match(etag):
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def if_differs(etag):
    return {"etag": etag, "match_condition": MatchConditions.IfModified}


def test_creating_only_if_absent_is_refused_where_something_is(filesystem):
    client = filesystem.create_file("there", **IF_MISSING)

    with pytest.raises(ResourceExistsError) as refused:
        client.create_file(**IF_MISSING)

    assert (refused.value.status_code, refused.value.error_code) == (409, "PathAlreadyExists")


def test_creating_a_directory_only_if_absent_is_refused_where_one_is(filesystem):
    client = filesystem.create_directory("there", **IF_MISSING)

    with pytest.raises(ResourceExistsError, match="PathAlreadyExists"):
        client.create_directory(**IF_MISSING)


def test_of_many_creators_if_absent_exactly_one_wins(filesystem):
    def create(number):
        try:
            client = filesystem.get_file_client(f"raced/{number // 8}")
            return client.create_file(**IF_MISSING)["etag"]
        except ResourceExistsError:
            return None

    with ThreadPoolExecutor(8) as pool:
        etags = list(pool.map(create, range(64)))

    wins = [sum(etag is not None for etag in etags[at : at + 8]) for at in range(0, 64, 8)]
    assert wins == [1] * 8


def test_an_upload_onto_an_expected_version_goes_on_and_onto_another_does_not(filesystem):
    client = filesystem.get_file_client("guarded")
    first = client.upload_data(b"one", overwrite=True)["etag"]

    second = client.upload_data(b"two", overwrite=True, **if_match(first))["etag"]
    with pytest.raises(ResourceModifiedError) as refused:
        client.upload_data(b"three", overwrite=True, **if_match(first))

    assert (refused.value.status_code, refused.value.error_code) == (412, "ConditionNotMet")
    assert client.get_file_properties().etag == second
    assert client.download_file().readall() == b"two"


def test_of_two_writers_of_one_version_exactly_one_wins(filesystem):
    client = filesystem.get_file_client("contended")
    etag = client.upload_data(b"base", overwrite=True)["etag"]

    def write(number):
        try:
            client.set_metadata({"writer": str(number)}, **if_match(etag))
        except ResourceModifiedError:
            return None
        return str(number)

    with ThreadPoolExecutor(4) as pool:
        winners = [name for name in pool.map(write, range(4)) if name]

    assert [client.get_file_properties().metadata["writer"]] == winners


def test_a_flush_after_someone_else_created_the_file_again_is_refused(filesystem):
    client = filesystem.get_file_client("overtaken")
    etag = client.create_file()["etag"]
    client.create_file()
    client.append_data(b"late", 0)

    with pytest.raises(ResourceModifiedError):
        client.flush_data(4, **if_match(etag))

    assert client.download_file().readall() == b""


def test_conditions_on_times_hold_to_the_second(filesystem):
    client = filesystem.create_file("timed")
    changed_at = client.get_file_properties().last_modified

    client.set_metadata({"a": "1"}, if_unmodified_since=changed_at + timedelta(minutes=1))
    with pytest.raises(ResourceModifiedError):
        client.set_metadata({"a": "2"}, if_unmodified_since=LONG_AGO)
    with pytest.raises(ResourceModifiedError):
        client.set_metadata({"a": "3"}, if_modified_since=changed_at + timedelta(minutes=1))

    assert client.get_file_properties().metadata == {"a": "1"}


def test_a_reader_who_has_the_version_is_told_so(filesystem):
    client = filesystem.get_file_client("read")
    etag = client.upload_data(b"x", overwrite=True)["etag"]

    with pytest.raises(HttpResponseError) as for_properties:
        client.get_file_properties(**if_differs(etag))
    with pytest.raises(HttpResponseError) as for_bytes:
        client.download_file(**if_differs(etag))

    assert (for_properties.value.status_code, for_bytes.value.status_code) == (304, 304)
    assert client.download_file(**if_match(etag)).readall() == b"x"


def test_a_reader_of_another_version_is_refused(filesystem):
    client = filesystem.create_file("other")

    with pytest.raises(ResourceModifiedError):
        client.download_file(**if_match('"0x8D0"'))


def test_deleting_another_version_is_refused(filesystem):
    client = filesystem.create_file("kept")
    etag = client.get_file_properties().etag

    with pytest.raises(ResourceModifiedError):
        client.delete_file(**if_match('"0x8D0"'))
    client.delete_file(**if_match(etag))

    assert not client.exists()


def test_a_rename_only_if_absent_keeps_what_is_there(filesystem):
    source = filesystem.get_file_client("source")
    source.upload_data(b"new", overwrite=True)
    filesystem.get_file_client("target").upload_data(b"old", overwrite=True)

    with pytest.raises(ResourceExistsError, match="PathAlreadyExists"):
        source.rename_file(f"{filesystem.file_system_name}/target", **IF_MISSING)

    assert filesystem.get_file_client("target").download_file().readall() == b"old"
    assert source.exists()


def test_of_many_renames_if_absent_onto_one_name_exactly_one_wins(filesystem):
    sources = [filesystem.create_file(f"source-{number}") for number in range(6)]

    def rename(source):
        try:
            source.rename_file(f"{filesystem.file_system_name}/target", **IF_MISSING)
        except ResourceExistsError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(rename, sources))

    assert won.count(True) == 1
    assert [source.exists() for source in sources] == [not one for one in won]


def test_a_rename_of_another_source_version_is_refused(filesystem):
    source = filesystem.create_file("source")
    wrong = {
        "source_etag": '"0x8D0"',
        "source_match_condition": MatchConditions.IfNotModified,
    }

    with pytest.raises(HttpResponseError) as refused:
        source.rename_file(f"{filesystem.file_system_name}/target", **wrong)

    assert (refused.value.status_code, refused.value.error_code) == (412, "SourceConditionNotMet")
