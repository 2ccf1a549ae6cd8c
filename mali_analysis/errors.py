"""What all our refusals have in common."""


class MaliError(ValueError):
    """Something that cannot be done as asked: each line names the bad value and what is allowed.

    ``status`` is the exit status of the command line.
    """

    status = 2


class RunError(MaliError):
    """A run that cannot begin or go on: an unknown notebook, a plan or an output folder that will not do."""


def show(value: object) -> str:
    """A bad value in a line of ours; its signs by number too where it may look like another that it is not."""
    return repr(value) if repr(value).isascii() else f"{value!r} ({value!a})"
