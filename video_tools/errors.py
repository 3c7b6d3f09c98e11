"""What can go wrong, divided by who acts next.

Every error is one line that says what is wrong and what to do about it. Errors of other libraries are turned into
these once, at the boundary where they enter.
"""


class ReelgraphError(Exception):
    """Base of every error that reelgraph raises on purpose.

    Attributes:
        exit_status: What the command line exits with when this error ends a command.
    """

    exit_status = 1


class InvalidRequest(ReelgraphError):
    """The caller, or the model, asked for something that cannot be; the message quotes the nearest legal value."""

    exit_status = 2


class TransientFailure(ReelgraphError):
    """It failed now and may work later, unchanged.

    Attributes:
        retry_after: Seconds to wait before another try, where the other side said so.
    """

    exit_status = 3

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentFailure(ReelgraphError):
    """It will fail again unless something is adapted: another back end, other settings."""

    exit_status = 3


class OutcomeUnknown(PermanentFailure):
    """A paid call may or may not have been accepted; it was not sent again."""


class JobLost(TransientFailure):
    """A server that accepted a job knows it no longer, as after a restart."""


class Cancelled(ReelgraphError):
    """Somebody asked for the work to stop; what was published stands."""

    exit_status = 130


class Refused(ReelgraphError):
    """A person said no to what was to be made."""


class BudgetExceeded(ReelgraphError):
    """The next call would pass a ceiling, so it was not made."""

    exit_status = 4


class ProjectBusy(ReelgraphError):
    """Another process is writing this project."""

    exit_status = 5


class CorruptProject(ReelgraphError):
    """A file of the project is not what its record says."""

    exit_status = 5
