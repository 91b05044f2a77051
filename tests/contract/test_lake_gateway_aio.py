"""The asynchronous SDK against the lake gateway."""

import asyncio

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from tests.contract.emulator_process import eventually

NAMES = ["dt=2026-01-01/hr=05/a b.avro", "Zürich + more/é~&,;'!()%41.txt", "plain"]


def has_fired(lake):
    return lake.emulator.faults()[0]["fired"] == 1


@pytest.fixture
async def aio(lake, filesystem):
    async with lake.aio_service() as service:
        yield service.get_file_system_client(filesystem.file_system_name)


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_is_written_and_read_back(aio, name):
    client = await aio.create_file(name, metadata={"batch_id": "a=b"})
    await client.append_data(b"hello", 0)
    await client.flush_data(5)

    download = await client.download_file()

    assert await download.readall() == b"hello"
    assert (await client.get_file_properties()).metadata == {"batch_id": "a=b"}


@pytest.mark.parametrize("directory", ["sp ace + plus", "dt=2026-01-01", "100 % é&?#"])
async def test_a_directory_with_an_awkward_name_is_listed_and_renamed(aio, directory):
    client = aio.get_directory_client(directory)
    await client.create_directory()
    await aio.create_file(f"{directory}/child")

    listed = [path.name async for path in aio.get_paths(directory)]
    await client.rename_directory(f"{aio.file_system_name}/other name")

    assert listed == [f"{directory}/child"]
    assert [path.name async for path in aio.get_paths("other name")] == ["other name/child"]


async def test_many_uploads_at_once_all_land(aio):
    async def upload(number):
        client = aio.get_file_client(f"many/{number}")
        await client.upload_data(bytes([number]) * 50_000, overwrite=True, chunk_size=20_000)
        return await (await client.download_file()).readall()

    found = await asyncio.gather(*(upload(number) for number in range(24)))

    assert found == [bytes([number]) * 50_000 for number in range(24)]


async def test_of_many_creators_at_once_exactly_one_wins(aio):
    client = aio.get_file_client("raced")

    answers = await asyncio.gather(
        *(client.create_file(if_none_match="*") for _ in range(12)), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, ResourceExistsError)]
    assert len(refused) == 11


async def test_a_missing_file_is_not_found(aio):
    with pytest.raises(ResourceNotFoundError):
        await aio.get_file_client("missing").download_file()


async def test_a_slow_request_holds_no_other_up(lake, aio):
    lake.emulator.set_fault(
        kind="timeout", seconds=600, path=f"/{aio.file_system_name}/slow", close=True
    )
    slow = asyncio.create_task(aio.create_file("slow"))
    await asyncio.to_thread(eventually, lambda: has_fired(lake))

    await aio.create_file("quick")

    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
