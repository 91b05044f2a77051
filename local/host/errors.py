"""What can be wrong with an app before any of its functions runs."""


class HostError(Exception):
    """The host cannot do what the app or the operator asks of it."""


class AppLoadError(HostError):
    """The app as a whole does not load, so none of its functions does."""


class FunctionError(HostError):
    """One function is in error; the others still run."""

    def __init__(self, function_name: str, problem: str) -> None:
        """Name the function and what is wrong with it."""
        super().__init__(f"The '{function_name}' function is in error: {problem}")
        self.function_name = function_name


class SettingMissingError(HostError):
    """A setting that a binding names does not exist."""


class FunctionTimeoutError(HostError):
    """An invocation exceeded functionTimeout, after which its worker cannot be trusted."""
