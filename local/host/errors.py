"""Errors in an app that the host finds before any function runs."""


class HostError(Exception):
    """The host cannot do what the app or the operator asks of it."""


class AppLoadError(HostError):
    """The app does not load, so none of its functions does."""


class FunctionError(HostError):
    """One function is invalid; the others still run."""

    def __init__(self, function_name: str, problem: str) -> None:
        """Name the function and what is wrong with it."""
        super().__init__(f"The '{function_name}' function is in error: {problem}")
        self.function_name = function_name


class SettingMissingError(HostError):
    """A binding names a setting that does not exist."""


class FunctionTimeoutError(HostError):
    """An invocation exceeded functionTimeout, after which its worker cannot be trusted."""
