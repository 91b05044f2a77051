"""Conditional headers: decide from the path's version whether a request may go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from local.lake import errors
from local.lake.errors import LakeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The values that conditions check: the ETag, and the last change to the second."""

    etag: str
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditional headers of one request, or of a rename's source."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None

    @property
    def only_if_absent(self) -> bool:
        """Say whether the request may go on only if the path does not exist."""
        return self.if_none_match == "*"

    def check_write(self, version: Version | None) -> None:
        """Refuse with 412 if a condition fails."""
        if not (self._still_same(version) and self._differs(version)):
            raise LakeError(errors.CONDITION_NOT_MET)

    def check_create(self, version: Version | None) -> None:
        """Refuse as `check_write`, but with 409 if the client wanted a new path."""
        if self.only_if_absent and version is not None:
            raise LakeError(errors.PATH_ALREADY_EXISTS)
        self.check_write(version)

    def check_source(self, version: Version) -> None:
        """Refuse if a condition on a rename's source fails."""
        if not (self._still_same(version) and self._differs(version)):
            raise LakeError(errors.SOURCE_CONDITION_NOT_MET)

    def check_read(self, version: Version) -> None:
        """Refuse with 412, or with 304 if the reader already has this version."""
        if not self._still_same(version):
            raise LakeError(errors.CONDITION_NOT_MET)
        if not self._differs(version):
            raise LakeError(errors.NOT_MODIFIED)

    def _still_same(self, version: Version | None) -> bool:
        if self.if_match is not None and not _matches(self.if_match, version):
            return False
        since = self.if_unmodified_since
        return since is None or version is None or version.modified_at <= since

    def _differs(self, version: Version | None) -> bool:
        if self.if_none_match is not None and _matches(self.if_none_match, version):
            return False
        since = self.if_modified_since
        return since is None or version is None or version.modified_at > since


def _matches(wanted: str, version: Version | None) -> bool:
    if version is None:
        return False
    tags = (tag.strip().strip('"') for tag in wanted.split(","))
    return any(tag in ("*", version.etag) for tag in tags)


def parse_conditions(headers: Mapping[str, str], prefix: str = "") -> Conditions:
    """Read the conditions from lower-case headers; a rename's source has a prefix."""
    return Conditions(
        if_match=headers.get(f"{prefix}if-match"),
        if_none_match=headers.get(f"{prefix}if-none-match"),
        if_modified_since=_parse_time(headers, f"{prefix}if-modified-since"),
        if_unmodified_since=_parse_time(headers, f"{prefix}if-unmodified-since"),
    )


def _parse_time(headers: Mapping[str, str], name: str) -> datetime | None:
    if name not in headers:
        return None
    try:
        return parsedate_to_datetime(headers[name]).replace(tzinfo=UTC)
    except ValueError as error:
        raise LakeError(errors.invalid_header(name)) from error
