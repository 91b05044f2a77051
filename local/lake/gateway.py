"""The entry point: authenticates requests, passes them on, and answers refusals as the service."""

import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from local.kit.faults import Faults
from local.kit.serving import hang_up
from local.lake import errors
from local.lake.call import is_blob_request, read_call, signed_part
from local.lake.errors import LakeError, ServiceError
from local.lake.faults import Fault
from local.lake.handlers import Handlers
from local.lake.injection import answer_with_faults
from local.lake.signature import Account, is_authentic

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Answers every request to the lake's port."""

    account: Account
    handlers: Handlers
    faults: Faults[Fault]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        request_id = str(uuid.uuid4())
        try:
            return await self._answer(request)
        except LakeError as error:
            return _refuse(request, error.error, request_id)
        except ConnectionError:
            _LOGGER.info("client went away: %s %s", request.method, request.rel_url.raw_path)
            return hang_up(request)
        except OSError as error:
            return _refuse(request, _explain(error), request_id)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if not is_authentic(signed_part(request), self.account, datetime.now(UTC)):
            raise LakeError(errors.AUTHENTICATION_FAILED)
        call = read_call(request, self.account.name)
        return await answer_with_faults(self.faults, self.handlers, call)


def _explain(error: OSError) -> ServiceError:
    """Translate an error of the disk into the service's error."""
    if isinstance(error, FileNotFoundError):  # someone deleted its directory in the meantime
        return errors.PATH_NOT_FOUND
    if isinstance(error, (NotADirectoryError, IsADirectoryError, FileExistsError)):
        return errors.PATH_CONFLICT
    _LOGGER.error("disk refused a request", exc_info=error)
    return errors.INTERNAL_ERROR


def _refuse(request: web.BaseRequest, error: ServiceError, request_id: str) -> web.Response:
    is_blob = is_blob_request(request)
    named = errors.as_blob_error(error) if is_blob else error
    trailer = f"RequestId:{request_id}\nTime:{datetime.now(UTC).isoformat()}"
    headers = {"x-ms-error-code": named.code, "x-ms-request-id": request_id}
    if request.method == "HEAD" or named.status == 304:
        return web.Response(status=named.status, headers=headers)
    body = errors.blob_body(named, trailer) if is_blob else errors.dfs_body(named, trailer)
    content_type = "application/xml" if is_blob else "application/json"
    return web.Response(status=named.status, headers=headers, body=body, content_type=content_type)
