"""Files through the lake gateway: made, appended to, flushed, uploaded, read and described."""

import hashlib

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.filedatalake import ContentSettings

from tests.contract.emulator_process import eventually
from tests.contract.lake_fixture import ACCOUNT

DATA = hashlib.shake_256(b"landfall").digest(300_000)
AWKWARD_NAMES = [
    "dt=2026-01-01/hr=05/part 0.avro",
    "Zürich/größe/日本語/🌊.avro",
    "100%/q?x#y/+&,;'!()[]~@$.txt",
    "a%2Fb/%41.txt",
    ".hidden/_delta_log/00000.json",
]


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_a_file_lies_on_disk_under_its_own_name(lake, filesystem, name):
    client = filesystem.get_file_client(name)

    client.upload_data(b"bytes", overwrite=True)

    assert lake.on_disk(filesystem, name).read_bytes() == b"bytes"
    assert client.download_file().readall() == b"bytes"
    assert name in [path.name for path in filesystem.get_paths()]


def test_a_created_file_is_empty_until_a_flush(lake, filesystem):
    client = filesystem.create_file("a/b.avro")

    client.append_data(b"not yet seen", 0)

    assert client.get_file_properties().size == 0
    assert client.download_file().readall() == b""
    assert lake.on_disk(filesystem, "a/b.avro").read_bytes() == b""


def test_appends_in_any_order_are_flushed_in_order_of_position(filesystem):
    client = filesystem.create_file("ordered")
    client.append_data(b"world", 6)
    client.append_data(b"hello ", 0)

    client.flush_data(11)

    assert client.download_file().readall() == b"hello world"


def test_an_append_sent_again_replaces_the_first(filesystem):
    client = filesystem.create_file("again")
    client.append_data(b"first", 0)
    client.append_data(b"again", 0)

    client.flush_data(5)

    assert client.download_file().readall() == b"again"


def test_a_second_flush_adds_to_what_is_committed(lake, filesystem):
    client = filesystem.create_file("grown", metadata={"batch_id": "hub/p000/1-2"})
    client.append_data(b"one ", 0)
    client.flush_data(4)
    client.append_data(b"two", 4)

    client.flush_data(7, close=True)

    assert lake.on_disk(filesystem, "grown").read_bytes() == b"one two"
    assert client.get_file_properties().metadata == {"batch_id": "hub/p000/1-2"}


def test_an_append_can_flush_at_once(filesystem):
    client = filesystem.create_file("at-once")

    client.append_data(b"all of it", 0, flush=True)

    assert client.download_file().readall() == b"all of it"


@pytest.mark.parametrize("position", [0, 3, 5, 9])
def test_a_flush_at_a_wrong_position_is_refused_and_changes_nothing(filesystem, position):
    client = filesystem.create_file("wrong")
    client.append_data(b"four", 0)

    with pytest.raises(HttpResponseError) as refused:
        client.flush_data(position)

    assert (refused.value.status_code, refused.value.error_code) == (400, "InvalidFlushPosition")
    assert client.download_file().readall() == b""


def test_a_flush_over_a_hole_is_refused(filesystem):
    client = filesystem.create_file("hole")
    client.append_data(b"ab", 0)
    client.append_data(b"ef", 4)

    with pytest.raises(HttpResponseError, match="InvalidFlushPosition"):
        client.flush_data(6)


def test_retained_data_is_flushed_later(filesystem):
    client = filesystem.create_file("retained")
    client.append_data(b"first", 0)
    client.append_data(b"second", 5)

    client.flush_data(5, retain_uncommitted_data=True)
    seen_between = client.download_file().readall()
    client.flush_data(11)

    assert seen_between == b"first"
    assert client.download_file().readall() == b"firstsecond"


def test_creating_a_file_again_empties_it_and_drops_what_was_appended(filesystem):
    client = filesystem.create_file("twice", metadata={"kept": "no"})
    client.append_data(b"gone", 0)
    client.create_file()

    with pytest.raises(HttpResponseError, match="InvalidFlushPosition"):
        client.flush_data(4)

    assert client.get_file_properties().metadata == {}


def test_an_append_to_a_missing_file_is_not_found(filesystem):
    with pytest.raises(ResourceNotFoundError) as refused:
        filesystem.get_file_client("missing").append_data(b"x", 0)

    assert refused.value.error_code == "PathNotFound"


def test_an_append_that_is_cut_short_leaves_nothing(lake, filesystem):
    client = filesystem.create_file("cut")
    target = f"/{ACCOUNT}/{filesystem.file_system_name}/cut?action=append&position=0"

    lake.cut_append(target, b"short")

    with pytest.raises(HttpResponseError, match="InvalidFlushPosition"):
        client.flush_data(5)
    eventually(lambda: not list((lake.data / ".meta/scratch").iterdir()))


def test_an_append_with_a_wrong_hash_is_refused(filesystem):
    client = filesystem.create_file("hashed")
    wrong = {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}

    with pytest.raises(HttpResponseError, match="Md5Mismatch"):
        client.append_data(b"x", 0, headers=wrong)

    client.append_data(b"right", 0, validate_content=True, flush=True)
    assert client.download_file().readall() == b"right"


def test_an_upload_in_many_parallel_chunks_arrives_whole(lake, filesystem):
    client = filesystem.get_file_client("chunked")

    client.upload_data(DATA, overwrite=True, chunk_size=10_000, max_concurrency=4)

    assert lake.on_disk(filesystem, "chunked").read_bytes() == DATA


def test_an_upload_replaces_bytes_and_properties(filesystem):
    client = filesystem.get_file_client("replaced")
    client.upload_data(DATA, overwrite=True, metadata={"try": "1"})

    client.upload_data(b"short", overwrite=True, metadata={"try": "2"})

    assert client.download_file().readall() == b"short"
    assert client.get_file_properties().metadata == {"try": "2"}


def test_an_upload_without_overwrite_changes_no_existing_file(filesystem):
    client = filesystem.get_file_client("kept")
    client.upload_data(b"first", overwrite=True)

    with pytest.raises(ResourceModifiedError):
        client.upload_data(b"other")

    assert client.download_file().readall() == b"first"


def test_an_upload_without_overwrite_to_a_missing_path_is_not_found(filesystem):
    with pytest.raises(ResourceNotFoundError):
        filesystem.get_file_client("absent").upload_data(b"x")


def test_a_download_can_be_ranged(filesystem):
    client = filesystem.get_file_client("ranged")
    client.upload_data(DATA, overwrite=True)

    part = client.download_file(offset=1000, length=5000).readall()
    tail = client.download_file(offset=299_990).readall()

    assert part == DATA[1000:6000]
    assert tail == DATA[-10:]


def test_a_range_past_the_end_is_refused(filesystem):
    client = filesystem.get_file_client("short")
    client.upload_data(b"abc", overwrite=True)

    with pytest.raises(HttpResponseError) as refused:
        client.download_file(offset=10, length=5)

    assert (refused.value.status_code, refused.value.error_code) == (416, "InvalidRange")


def test_a_download_in_chunks_arrives_whole_and_hashed(lake):
    options = {"max_single_get_size": 65_536, "max_chunk_get_size": 50_000}
    client = lake.fresh_filesystem(**options).get_file_client("chunks")
    client.upload_data(DATA, overwrite=True)

    chunks = list(client.download_file(max_concurrency=3, validate_content=True).chunks())

    assert b"".join(chunks) == DATA
    assert len(chunks) > 3


def test_a_download_that_is_overtaken_by_a_change_is_refused(lake):
    options = {"max_single_get_size": 1000, "max_chunk_get_size": 1000}
    client = lake.fresh_filesystem(**options).get_file_client("overtaken")
    client.upload_data(DATA, overwrite=True)
    download = client.download_file()
    client.upload_data(DATA[::-1], overwrite=True)

    with pytest.raises(ResourceModifiedError):
        download.readall()


def test_metadata_and_content_headers_are_given_back(filesystem):
    settings = ContentSettings(
        content_type="avro/binary",
        content_encoding="deflate",
        content_language="de",
        content_disposition="inline",
        cache_control="no-cache",
        content_md5=bytearray(b"0123456789abcdef"),
    )
    client = filesystem.get_file_client("described")

    client.upload_data(
        b"x", overwrite=True, metadata={"batch_id": "hub/p0/1-2"}, content_settings=settings
    )
    found = client.get_file_properties()

    assert found.metadata == {"batch_id": "hub/p0/1-2"}
    assert dict(found.content_settings) == dict(settings)
    assert (found.name, found.size) == ("described", 1)


def test_metadata_and_content_headers_are_set_apart(filesystem):
    client = filesystem.get_file_client("revised")
    client.upload_data(b"data", overwrite=True)
    first = client.get_file_properties()

    client.set_metadata({"Batch_Id": "a=b, c"})
    second = client.get_file_properties()
    client.set_http_headers(ContentSettings(content_type="text/plain"))
    third = client.get_file_properties()

    assert len({first.etag, second.etag, third.etag}) == 3
    assert third.metadata == {"Batch_Id": "a=b, c"}
    assert third.content_settings.content_type == "text/plain"
    assert client.download_file().readall() == b"data"


def test_every_change_has_its_own_etag(filesystem):
    client = filesystem.get_file_client("changing")

    etags = [client.upload_data(b"same bytes", overwrite=True)["etag"] for _ in range(20)]

    assert len(set(etags)) == 20
    assert client.get_file_properties().etag == etags[-1]


def test_a_file_put_there_by_hand_is_served_with_an_etag_of_its_own(lake, filesystem):
    place = lake.on_disk(filesystem, "by/hand.parquet")
    place.parent.mkdir()
    place.write_bytes(b"spark was here")
    client = filesystem.get_file_client("by/hand.parquet")
    first = client.get_file_properties()

    place.write_bytes(b"and again, longer")
    second = client.get_file_properties()

    assert client.download_file().readall() == b"and again, longer"
    assert first.etag != second.etag
    assert client.get_file_properties().etag == second.etag


def test_a_file_replaced_by_hand_loses_its_properties(lake, filesystem):
    client = filesystem.get_file_client("replaced.txt")
    client.upload_data(b"ours", overwrite=True, metadata={"of": "ours"})

    other = lake.on_disk(filesystem, "other.txt")
    other.write_bytes(b"theirs")
    other.replace(lake.on_disk(filesystem, "replaced.txt"))

    assert client.get_file_properties().metadata == {}
    assert client.download_file().readall() == b"theirs"


def test_a_missing_file_is_not_found_and_does_not_exist(filesystem):
    client = filesystem.get_file_client("nowhere/at-all")

    with pytest.raises(ResourceNotFoundError) as refused:
        client.download_file()

    assert refused.value.error_code == "BlobNotFound"
    assert not client.exists()


def test_a_file_cannot_lie_below_or_on_something_of_another_kind(filesystem):
    filesystem.create_file("file")
    filesystem.create_directory("directory")

    with pytest.raises(ResourceExistsError, match="PathConflict"):
        filesystem.create_file("file/below")
    with pytest.raises(ResourceExistsError, match="PathConflict"):
        filesystem.create_file("directory")
    with pytest.raises(ResourceExistsError, match="PathConflict"):
        filesystem.create_directory("file")


def test_every_answer_names_its_request(filesystem):
    first = filesystem.create_file("named").get_file_properties
    seen = []

    first(raw_response_hook=lambda reply: seen.append(reply.http_response.headers))

    assert seen[0]["x-ms-request-id"]
    assert seen[0]["Last-Modified"].endswith("GMT")


def test_nothing_but_data_lies_where_readers_look(lake, filesystem):
    client = filesystem.get_file_client("only/this")
    client.upload_data(DATA, overwrite=True, metadata={"a": "b"}, chunk_size=50_000)
    client.append_data(b"staged", len(DATA))

    found = sorted(lake.on_disk(filesystem).rglob("*"))

    assert [place.name for place in found] == ["only", "this"]
