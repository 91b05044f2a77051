"""The service's errors: code, status and message, in the shapes of its two endpoints."""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceError:
    """One of the service's error codes, with its status and text."""

    code: str
    status: int
    message: str


class LakeError(Exception):
    """A refusal on its way to the client."""

    def __init__(self, error: ServiceError) -> None:
        """Carry the service's own error."""
        super().__init__(f"{error.status} {error.code}: {error.message}")
        self.error = error


def _error(status: int, code: str, message: str) -> ServiceError:
    return ServiceError(code=code, status=status, message=message)


AUTHENTICATION_FAILED = _error(
    403,
    "AuthenticationFailed",
    "Server failed to authenticate the request. Make sure the value of Authorization header is "
    "formed correctly including the signature.",
)
CONDITION_NOT_MET = _error(
    412,
    "ConditionNotMet",
    "The condition specified using HTTP conditional header(s) is not met.",
)
DIRECTORY_NOT_EMPTY = _error(
    409,
    "DirectoryNotEmpty",
    "The recursive query parameter value must be true to delete a non-empty directory.",
)
FILESYSTEM_ALREADY_EXISTS = _error(
    409, "FilesystemAlreadyExists", "The specified filesystem already exists."
)
FILESYSTEM_NOT_FOUND = _error(404, "FilesystemNotFound", "The specified filesystem does not exist.")
INTERNAL_ERROR = _error(
    500, "InternalError", "The server encountered an internal error. Please retry the request."
)
INVALID_FLUSH_POSITION = _error(
    400,
    "InvalidFlushPosition",
    "The uploaded data is not contiguous or the position query parameter value is not equal to "
    "the length of the file after appending the uploaded data.",
)
INVALID_RANGE = _error(
    416, "InvalidRange", "The range specified is invalid for the current size of the resource."
)
INVALID_RENAME_SOURCE = _error(
    409,
    "InvalidRenameSourcePath",
    "The source directory cannot be the same as the destination directory, nor can the "
    "destination be a subdirectory of the source directory.",
)
INVALID_RENAME_TYPES = _error(
    409,
    "InvalidSourceOrDestinationResourceType",
    "The source and destination resource type must be identical.",
)
INVALID_RESOURCE_NAME = _error(
    400, "InvalidResourceName", "The specified resource name contains invalid characters."
)
INVALID_URI = _error(
    400, "InvalidUri", "The request URI does not represent any resource on the server."
)
MD5_MISMATCH = _error(
    400,
    "Md5Mismatch",
    "The MD5 value specified in the request did not match with the MD5 value calculated by the "
    "server.",
)
NOT_MODIFIED = _error(304, "ConditionNotMet", "")
OPERATION_TIMED_OUT = _error(
    500, "OperationTimedOut", "The operation could not be completed within the permitted time."
)
PATH_ALREADY_EXISTS = _error(409, "PathAlreadyExists", "The specified path already exists.")
PATH_CONFLICT = _error(
    409,
    "PathConflict",
    "The specified path, or an element of the path, exists and its resource type is invalid for "
    "this operation.",
)
PATH_NOT_FOUND = _error(404, "PathNotFound", "The specified path does not exist.")
RENAME_PARENT_NOT_FOUND = _error(
    404,
    "RenameDestinationParentPathNotFound",
    "The parent directory of the destination path does not exist.",
)
SERVER_BUSY = _error(503, "ServerBusy", "The server is currently unable to receive requests.")
SOURCE_CONDITION_NOT_MET = _error(
    412,
    "SourceConditionNotMet",
    "The source condition specified using HTTP conditional header(s) is not met.",
)
SOURCE_PATH_NOT_FOUND = _error(
    404, "SourcePathNotFound", "The source path for a rename operation does not exist."
)


def invalid_header(name: str) -> ServiceError:
    """Refuse a header with an invalid value."""
    message = f"The value for the HTTP header {name} is not in the correct format."
    return _error(400, "InvalidHeaderValue", message)


def invalid_query(name: str) -> ServiceError:
    """Refuse a query parameter with a missing or invalid value."""
    message = f"The value of the query parameter {name} is missing or invalid."
    return _error(400, "InvalidQueryParameterValue", message)


def not_implemented(what: str) -> ServiceError:
    """Refuse an unsupported request; the SDK does not retry a 501."""
    return _error(501, "NotImplemented", f"The lake gateway does not implement {what}.")


# The blob endpoint says blob and container where the dfs endpoint says path and filesystem.
_BLOB_CODES = {
    "PathNotFound": ("BlobNotFound", "The specified blob does not exist."),
    "PathAlreadyExists": ("BlobAlreadyExists", "The specified blob already exists."),
    "FilesystemNotFound": ("ContainerNotFound", "The specified container does not exist."),
    "FilesystemAlreadyExists": (
        "ContainerAlreadyExists",
        "The specified container already exists.",
    ),
}


def as_blob_error(error: ServiceError) -> ServiceError:
    """Name the error as the blob endpoint does."""
    code, message = _BLOB_CODES.get(error.code, (error.code, error.message))
    return ServiceError(code=code, status=error.status, message=message)


def dfs_body(error: ServiceError, trailer: str) -> bytes:
    """Encode the error as the dfs endpoint does, in JSON."""
    detail = {"code": error.code, "message": f"{error.message}\n{trailer}"}
    return json.dumps({"error": detail}).encode()


def blob_body(error: ServiceError, trailer: str) -> bytes:
    """Encode the error as the blob endpoint does, in XML."""
    text = escape(f"{error.message}\n{trailer}")
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{escape(error.code)}</Code><Message>{text}</Message></Error>"
    ).encode()
