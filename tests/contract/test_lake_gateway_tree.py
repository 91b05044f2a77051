"""Directories, listings, renames and deletions through the lake gateway."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError


def names(paths):
    return [path.name for path in paths]


def target(filesystem, name):
    return f"{filesystem.file_system_name}/{name}"


def test_a_directory_is_made_with_its_parents_and_metadata(lake, filesystem):
    client = filesystem.create_directory("bronze/dt=2026-01-01", metadata={"layer": "bronze"})

    found = client.get_directory_properties()

    assert lake.on_disk(filesystem, "bronze/dt=2026-01-01").is_dir()
    assert found.metadata["layer"] == "bronze"
    assert filesystem.get_directory_client("bronze").exists()


def test_making_a_directory_again_keeps_its_children_and_its_etag_stands_when_they_change(
    filesystem,
):
    client = filesystem.create_directory("kept")
    before = client.get_directory_properties().etag
    client.create_file("child")
    after = client.get_directory_properties().etag

    client.create_directory()

    assert before == after
    assert names(filesystem.get_paths("kept")) == ["kept/child"]


def test_a_recursive_listing_goes_depth_first_and_a_flat_one_stays_at_the_top(filesystem):
    for name in ("b/2/x", "b/1", "a", "b-c"):
        filesystem.create_file(name)

    recursive = names(filesystem.get_paths())
    flat = names(filesystem.get_paths(recursive=False))

    assert recursive == ["a", "b", "b/1", "b/2", "b/2/x", "b-c"]
    assert flat == ["a", "b", "b-c"]


def test_a_listing_describes_its_paths_as_their_properties_do(filesystem):
    client = filesystem.get_file_client("d/file")
    client.upload_data(b"12345", overwrite=True, metadata={"a": "b"})
    directory, file = filesystem.get_paths()

    found = client.get_file_properties()

    assert (directory.is_directory, file.is_directory) == (True, False)
    assert (file.content_length, f'"{file.etag}"') == (5, found.etag)
    assert file.last_modified == found.last_modified.replace(tzinfo=None)


def test_a_listing_comes_in_pages_that_miss_nothing_and_repeat_nothing(filesystem):
    for number in range(11):
        filesystem.create_file(f"dt={number % 3}/é {number:02}")

    pages = [names(page) for page in filesystem.get_paths(max_results=4).by_page()]

    assert [len(page) for page in pages] == [4, 4, 4, 2]
    assert [name for page in pages for name in page] == names(filesystem.get_paths())


def test_a_listing_can_go_on_from_a_token_after_a_change(filesystem):
    for name in ("a", "b", "c", "d"):
        filesystem.create_file(name)
    pages = filesystem.get_paths(max_results=2).by_page()
    first, token = names(next(pages)), pages.continuation_token

    filesystem.delete_file("b")
    rest = filesystem.get_paths(max_results=2).by_page(continuation_token=token)

    assert first == ["a", "b"]
    assert names(next(rest)) == ["c", "d"]


def test_a_listing_of_a_directory_shows_what_others_put_there(lake, filesystem):
    filesystem.create_file("table/ours")
    place = lake.on_disk(filesystem, "table/_delta_log")
    place.mkdir()
    (place / "0.json").write_text("{}")

    found = names(filesystem.get_paths("table"))

    assert found == ["table/_delta_log", "table/_delta_log/0.json", "table/ours"]


def test_the_root_is_a_directory_that_cannot_be_deleted(lake, filesystem):
    root = filesystem.get_directory_client("/")
    filesystem.create_file("kept")

    with pytest.raises(HttpResponseError):
        root.delete_directory()

    assert root.exists()
    assert lake.on_disk(filesystem, "kept").exists()
    assert names(filesystem.get_paths("/")) == ["kept"]


def test_a_listing_of_a_missing_directory_is_not_found(filesystem):
    with pytest.raises(ResourceNotFoundError, match="PathNotFound"):
        list(filesystem.get_paths("missing"))


def test_an_empty_filesystem_lists_nothing(filesystem):
    assert names(filesystem.get_paths()) == []


def test_a_renamed_file_keeps_bytes_properties_etag_and_appended_data(lake, filesystem):
    client = filesystem.get_file_client("from/a b")
    client.upload_data(b"bytes", overwrite=True, metadata={"batch_id": "1"})
    before = client.get_file_properties()
    client.append_data(b"!", 5)
    filesystem.create_directory("to")

    renamed = client.rename_file(target(filesystem, "to/é=1"))

    after = renamed.get_file_properties()
    assert (after.etag, after.metadata) == (before.etag, {"batch_id": "1"})
    assert not lake.on_disk(filesystem, "from/a b").exists()
    renamed.flush_data(6)
    assert renamed.download_file().readall() == b"bytes!"


def test_a_rename_replaces_a_file_that_is_there(filesystem):
    filesystem.get_file_client("old").upload_data(b"old", overwrite=True, metadata={"a": "old"})
    client = filesystem.get_file_client("new")
    client.upload_data(b"new", overwrite=True)

    renamed = client.rename_file(target(filesystem, "old"))

    assert renamed.download_file().readall() == b"new"
    assert renamed.get_file_properties().metadata == {}


def test_a_renamed_directory_takes_everything_along(lake, filesystem):
    client = filesystem.create_directory("staging/run 1", metadata={"run": "1"})
    file = client.create_file("dt=2026-01-01/part", metadata={"batch_id": "7"})
    filesystem.create_directory("final")

    renamed = client.rename_directory(target(filesystem, "final/run=1"))

    moved = filesystem.get_file_client("final/run=1/dt=2026-01-01/part")
    assert moved.get_file_properties().metadata == {"batch_id": "7"}
    assert renamed.get_directory_properties().metadata["run"] == "1"
    assert not file.exists()
    assert not lake.on_disk(filesystem, "staging/run 1").exists()


def test_a_rename_crosses_filesystems(lake, filesystem):
    client = filesystem.create_file("here", metadata={"a": "b"})
    other = lake.fresh_filesystem()

    client.rename_file(target(other, "there"))

    assert other.get_file_client("there").get_file_properties().metadata == {"a": "b"}
    assert not client.exists()


@pytest.mark.parametrize(
    ("source", "destination", "code"),
    [
        ("missing", "x", "SourcePathNotFound"),
        ("file", "no/parent", "RenameDestinationParentPathNotFound"),
        ("file", "full", "InvalidSourceOrDestinationResourceType"),
        ("full", "file", "InvalidSourceOrDestinationResourceType"),
        ("full", "full/below", "InvalidRenameSourcePath"),
        ("full", "full", "InvalidRenameSourcePath"),
        ("full", "also-full", "DirectoryNotEmpty"),
    ],
)
def test_a_rename_that_cannot_be_is_refused_and_changes_nothing(
    filesystem, source, destination, code
):
    for name in ("file", "full/child", "also-full/child"):
        filesystem.create_file(name)
    before = names(filesystem.get_paths())

    with pytest.raises(HttpResponseError) as refused:
        filesystem.get_directory_client(source).rename_directory(target(filesystem, destination))

    assert refused.value.error_code == code
    assert names(filesystem.get_paths()) == before


def test_a_rename_onto_an_empty_directory_takes_its_place(filesystem):
    filesystem.create_file("source/child")
    filesystem.create_directory("empty")

    filesystem.get_directory_client("source").rename_directory(target(filesystem, "empty"))

    assert names(filesystem.get_paths()) == ["empty", "empty/child"]


def test_a_deleted_file_is_gone_from_disk(lake, filesystem):
    client = filesystem.create_file("short/lived", metadata={"a": "b"})

    client.delete_file()

    assert not lake.on_disk(filesystem, "short/lived").exists()
    assert lake.on_disk(filesystem, "short").is_dir()
    with pytest.raises(ResourceNotFoundError, match="PathNotFound"):
        client.delete_file()


def test_a_directory_that_holds_something_is_deleted_only_recursively(lake, filesystem):
    filesystem.create_file("full/of/things", metadata={"a": "b"})

    with pytest.raises(ResourceExistsError, match="DirectoryNotEmpty"):
        filesystem.get_file_client("full").delete_file()
    filesystem.delete_directory("full")

    assert names(filesystem.get_paths()) == []
    assert list(lake.on_disk(filesystem).iterdir()) == []


def test_deletions_and_changes_leave_no_side_data_behind(own_lake):
    filesystem = own_lake.fresh_filesystem()
    for number in range(3):
        client = filesystem.get_file_client(f"d{number}/file")
        client.upload_data(b"x", overwrite=True, metadata={"a": "b"})
        client.append_data(b"y", 1)
    filesystem.get_directory_client("d0").rename_directory(target(filesystem, "d3"))
    filesystem.delete_directory("d3")
    filesystem.delete_file("d1/file")

    filesystem.delete_file_system()

    kept = [place for place in (own_lake.data / ".meta").rglob("*") if place.is_file()]
    files = [place for place in kept if not place.name.endswith("-directory")]
    assert [place.name for place in files] == ["lock"]
