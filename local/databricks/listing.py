"""Pages of a list, the newest first."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from local.databricks.call import Call
from local.databricks.errors import JobsError, invalid, not_done


class Listed(Protocol):
    """An item that can be listed: it has a place in time."""

    @property
    def place(self) -> tuple[int, int]:
        """When it started, and its number."""


_USUALLY_LISTED = 20
L = TypeVar("L", bound=Listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """How many items to list, and after which place."""

    limit: int
    token: str = ""


def read_page(call: Call, most: int) -> PageRequest:
    """Read the requested page; a limit of 0 asks for the largest page."""
    if call.parameters.get("offset"):
        raise JobsError(not_done("'offset': use page_token"))
    limit = call.optional_number("limit")
    if limit is not None and limit > most:
        raise JobsError(invalid(f"limit must be at most {most}"))
    limit = _USUALLY_LISTED if limit is None else limit
    return PageRequest(limit=limit or most, token=call.text("page_token"))


def take_page(found: Sequence[L], request: PageRequest) -> tuple[list[L], str]:
    """Cut the requested page from the items, and write the next page's token, if there is one."""
    newest_first = sorted(found, key=lambda one: one.place, reverse=True)
    if request.token:
        after = _read_token(request.token)
        newest_first = [one for one in newest_first if one.place < after]
    page = newest_first[: request.limit]
    has_more = len(newest_first) > request.limit
    return page, _write_token(page[-1].place) if has_more else ""


def _write_token(place: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}:{place[1]}".encode()).decode()


def _read_token(token: str) -> tuple[int, int]:
    try:
        started_at, number = base64.urlsafe_b64decode(token).decode().split(":")
        return int(started_at), int(number)
    except (binascii.Error, ValueError) as error:
        raise JobsError(invalid(f"Invalid page token: {token}")) from error
