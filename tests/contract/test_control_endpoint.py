"""The control endpoint that the emulators share, in process."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from local.kit.control import Control
from local.kit.faults import Faults, FaultSchema, Kind

SCHEMA = FaultSchema(kinds={"cut": Kind()}, fields={})


@dataclass(frozen=True, kw_only=True)
class Fault:
    kind: str
    count: int = 1


async def about() -> Mapping[str, Any]:
    return {"port": 1}


@pytest.fixture
async def client() -> AsyncIterator[Any]:
    control = Control(
        faults=Faults[Fault](), parse=lambda body: Fault(**SCHEMA.read(body)), about=about
    )
    async with TestClient(TestServer(control.app())) as client:
        yield client


async def test_health_says_what_the_emulator_tells_of_itself(client: Any) -> None:
    answer = await client.get("/health")

    assert (answer.status, await answer.json()) == (200, {"status": "ok", "port": 1})


async def test_a_fault_is_set_listed_and_cleared(client: Any) -> None:
    made = await client.post("/faults", json={"kind": "cut"})
    listed = await client.get("/faults")
    cleared = await client.delete("/faults")

    fault = {"id": 1, "kind": "cut", "count": 1, "fired": 0, "remaining": 1}
    assert (made.status, await made.json()) == (201, fault)
    assert await listed.json() == {"faults": [fault]}
    assert await cleared.json() == {"faults": []}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "the body is not JSON: Expecting"),
        (b"\xff", "the body is not JSON: .*decode"),
        (b"[]", "the body is not a JSON object"),
        (b'"text"', "the body is not a JSON object"),
        (b"", "unknown kind None"),
        (b'{"kind": "earthquake"}', "unknown kind 'earthquake'"),
    ],
)
async def test_a_body_that_makes_no_sense_is_a_bad_request_with_the_reason(
    client: Any, body: bytes, reason: str
) -> None:
    answer = await client.post("/faults", data=body)

    assert answer.status == 400
    assert re.match(reason, (await answer.json())["error"])


async def test_another_path_is_not_found_in_json(client: Any) -> None:
    answer = await client.get("/nothing")

    assert (answer.status, await answer.json()) == (404, {"error": "GET /nothing: Not Found"})
