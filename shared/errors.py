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
    """Retry it: a dependency did not do what it normally does; None where it was a race."""

    def __init__(
        self,
        message: str,
        *,
        dependency: Dependency | None = None,
        hint: str = "",
        **ids: object,
    ) -> None:
        """Keep which one it was, for who waits until it is back."""
        self.dependency = dependency
        super().__init__(message, hint=hint, **ids)


class MisconfiguredError(LandfallError):
    """A person must fix the configuration: settings, contracts or permissions."""


class LakeConflictError(LandfallError):
    """Stop: the lake holds other bytes under a name that tells its content."""


class UnusableFileError(LandfallError):
    """A person must mend the file: it cannot be read, or is not what its contract says."""


class UnreadableFormatError(LandfallError):
    """Deploy newer code: what is stored has a format that this code does not know."""


def first_line(error: Exception) -> str:
    """What an SDK says went wrong, without the pages that may follow."""
    return str(error).partition("\n")[0]


def require_format(version: object, newest: int, **ids: object) -> None:
    """Refuse a stored format that is newer than the reader knows; raises UnreadableFormatError."""
    if isinstance(version, int) and 1 <= version <= newest:
        return
    message = f"it has format {version}, and this code reads formats up to {newest}"
    hint = "deploy the version of Landfall that wrote it, or a newer one"
    raise UnreadableFormatError(message, hint=hint, **ids)
