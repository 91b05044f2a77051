"""One field of a contract: what lands of a value, and why it is refused."""

import io
import json
from typing import Any

import fastavro

from shared.contracts.contract import Contract
from shared.encoding.compression import Codec
from shared.encoding.judging import RejectedEvent, judge
from shared.landing.batch_files import encode_batch
from tests.builders import a_contract, a_place, an_event, contracts


def of(avro_type: Any, **attributes: Any) -> Contract:
    return a_contract({"name": "x", "type": avro_type} | attributes)


def landed(contract: Contract, body: bytes, content_type: str | None = None) -> Any:
    """The field `x` as it is read back from the landed file."""
    event = an_event(body=body, content_type=content_type)
    (file,) = encode_batch([event], a_place(), contracts(contract), Codec()).files
    assert file.file.contract, list(fastavro.reader(io.BytesIO(file.data)))
    (record,) = fastavro.reader(io.BytesIO(file.data))
    return record["x"]


def landed_json(avro_type: Any, value: Any) -> Any:
    return landed(of(avro_type), json.dumps({"x": value}).encode())


def landed_avro(avro_type: Any, field: bytes) -> Any:
    return landed(of(avro_type), field, "avro/binary")


def refused(avro_type: Any, body: bytes, content_type: str | None = None) -> tuple[str, str]:
    found = judge(an_event(body=body, content_type=content_type), contracts(of(avro_type)))
    assert isinstance(found, RejectedEvent)
    return found.rejection.reason.value, found.rejection.path


def refused_json(avro_type: Any, value: Any) -> str:
    reason, path = refused(avro_type, json.dumps({"x": value}).encode())
    assert path == "x"
    return reason
