"""Which port each part of the stack listens on."""

import random
import socket
from dataclasses import dataclass

from local.kit.ports import is_free
from local.kit.serving import HOST

PORTS_COUNT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """By default the usual ports, so `func` and the SDKs' defaults find the emulators."""

    host: int = 7071
    hub: int = 5672
    hub_control: int = 5673
    blob: int = 10000
    queue: int = 10001
    table: int = 10002
    lake: int = 10003
    lake_control: int = 10004
    databricks: int = 10005
    databricks_control: int = 10006


def ports_from(base: int | None) -> Ports:
    """The usual ports, or consecutive ones from a base, which let stacks run side by side."""
    if base is None:
        return Ports()
    return Ports(
        host=base,
        hub=base + 1,
        hub_control=base + 2,
        blob=base + 3,
        queue=base + 4,
        table=base + 5,
        lake=base + 6,
        lake_control=base + 7,
        databricks=base + 8,
        databricks_control=base + 9,
    )


def find_free_base(first: int = 17000, last: int = 32000) -> int:
    """A base whose ports are all free, claimed for this process; raises OSError if there is none.

    It starts at a random base, because clients of a stack that just stopped may still use its
    ports. It stays below the ports that the system assigns to clients.
    """
    bases = list(range(first, last, PORTS_COUNT))
    random.shuffle(bases)
    for base in bases:
        if _claim(base) and all(is_free(port) for port in range(base, base + PORTS_COUNT)):
            return base
    message = f"no {PORTS_COUNT} free ports in a row between {first} and {last}"
    raise OSError(message)


def _claim(base: int) -> bool:
    """Claim a base until this process ends; no other process can claim it until then.

    The claim is a UDP socket; the parts of a stack listen on TCP, so it blocks none of them.
    """
    with socket.socket(type=socket.SOCK_DGRAM) as claim:
        try:
            claim.bind((HOST, base))
        except OSError:
            return False
        claim.detach()  # stays open until the process ends
    return True
