"""Every error of the service, named by what its catcher does next."""

from enum import StrEnum


class Dependency(StrEnum):
    """What the service cannot work without."""

    HUB = "hub"
    LAKE = "lake"
    LEDGER = "ledger"
    DATABRICKS = "databricks"


class LandfallError(Exception):
    """Base of the service's errors: what failed, which ids, and what to do."""

    def __init__(self, message: str, *, hint: str = "", **ids: object) -> None:
        """Join message, ids and hint into the one line a person reads."""
        self.hint = hint
        self.ids = ids
        named = "".join(f" {name}={value}" for name, value in ids.items())
        super().__init__(f"{message}{named}{f' ({hint})' if hint else ''}")


class DependencyUnavailableError(LandfallError):
    """Retry it: a dependency failed; it is None where another owner was faster."""

    def __init__(
        self,
        message: str,
        *,
        dependency: Dependency | None = None,
        hint: str = "",
        **ids: object,
    ) -> None:
        """Keep the dependency, so that a caller can wait until it is back."""
        self.dependency = dependency
        super().__init__(message, hint=hint, **ids)


class MisconfiguredError(LandfallError):
    """A person must fix the configuration: settings, contracts or permissions."""


class LakeConflictError(LandfallError):
    """Stop: the lake holds other bytes under a name that holds a hash of them."""


class BadRequestError(LandfallError):
    """The caller must mend the request: a parameter makes no sense."""


class UnusableFileError(LandfallError):
    """A person must fix the file: it cannot be read, or does not match its contract."""


class UnreadableFormatError(LandfallError):
    """Deploy newer code: what is stored has a format that this code does not know."""


def first_line(error: Exception) -> str:
    """The first line of an SDK's error, without the pages that may follow."""
    return str(error).partition("\n")[0]


def require_format(version: object, newest: int, **ids: object) -> None:
    """Refuse a stored format that is newer than the reader knows; raises UnreadableFormatError."""
    if isinstance(version, int) and 1 <= version <= newest:
        return
    message = f"it has format {version}, and this code reads formats up to {newest}"
    hint = "deploy the version of Landfall that wrote it, or a newer one"
    raise UnreadableFormatError(message, hint=hint, **ids)
