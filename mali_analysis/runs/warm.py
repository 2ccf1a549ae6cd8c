"""What a warm process has done before the first notebook runs in it, and how a kernel is made of a fork of it.

Nothing here may leave a thread, an event loop, a socket or a setting behind: every kernel would inherit it.
"""

import atexit
import contextlib
import gc
import io
import itertools
import os
import shutil
import sys
import tempfile
import threading
import warnings
from importlib import import_module
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"

MODULES = [
    "IPython.core.completerlib", "IPython.core.magics", "IPython.core.oinspect", "geopandas",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "mistune",
    "nbformat.v4", "papermill.execute", "psutil", "pyproj", "seaborn", "mali_analysis.exports",
    "mali_analysis.parameters", "mali_analysis.reading", "mali_analysis.places", "mali_analysis.partners",
    "mali_analysis.others", "mali_analysis.editions", "mali_analysis.runs.cli", "mali_analysis.runs.engine",
    "mali_analysis.runs.pages", "mali_analysis.runs.runner",
]  # fmt: skip

UNWANTED = ["mali_analysis.runs", "nbclient", "papermill", "tqdm"]
"""What runs notebooks is no part of a kernel; tqdm looks at where it is when it is imported."""

_of_kernels: dict[str, str] = {}
_rc_file = ""
_threads = 0
"""How many threads ipykernel's debugger counts when it is imported, after the kernel's own."""


def load(folder: str) -> None:
    """Does the imports, loads the data and looks up the fonts; ``folder`` is for temporary files."""
    global _rc_file, _threads
    before = dict(os.environ)
    tempfile.tempdir = folder  # matplotlib makes a folder there where it cannot write to the user's
    # jsonschema loads it where it can, to check the form of internationalized addresses: half of all import time, and
    # no notebook has any. None makes its import fail, which jsonschema allows for.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    import_module("ipykernel.kernelapp")
    counted = _count_threads()
    import_module("ipykernel.debugger")
    _threads = _count_threads() - counted - 1
    filters = warnings.filters[:]  # as in a kernel that has loaded nothing else
    _of_kernels.update(os.environ.items() - before.items())
    os.environ.setdefault("MPLBACKEND", INLINE)  # as a kernel does before a notebook imports matplotlib
    for name in MODULES:
        import_module(name)
    del sys.modules["rfc3987_syntax"]

    import matplotlib
    from matplotlib.backends import backend_registry

    backend_registry.list_all()  # looks for backends in all installed packages, once
    _rc_file = matplotlib.matplotlib_fname()
    _look_up_fonts()

    from mali_analysis import chapter
    from mali_analysis.coding import schema

    # A damaged or foreign data folder is refused where it is asked for, not here.
    with contextlib.suppress(schema.DataError):
        chapter.load_chapter()
    atexit.unregister(shutil.rmtree)  # matplotlib's folder belongs to the server, not to the first kernel that ends
    tempfile.tempdir = None
    os.environ.clear()
    os.environ.update(before)
    warnings.filters[:] = filters  # type: ignore[index]
    gc.freeze()  # what is shared stays shared: the collector of a job leaves it alone


def _count_threads() -> int:
    """The number that the next thread without a name would have had."""
    return vars(threading)["_counter"]()


def _look_up_fonts() -> None:
    """Draws without pyplot, which would choose a backend for all kernels to come."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from mali_analysis import charts

    with rc_context(charts.settings()):
        figure = Figure(figsize=(2, 1), layout="constrained")
        figure.add_subplot().set(title="warm", xlabel="warm", xlim=(0, 1))
        figure.savefig(io.BytesIO(), format="svg")


def become_kernel(command: list[str], environment: dict[str, str], folder: str) -> None:
    """Is, in a fork of the server, what ``command`` would start in an interpreter of its own; returns at its end."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment | _of_kernels | {"JPY_PARENT_PID": str(os.getppid())})
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    sys.orig_argv, sys.argv = list(command), [str(ipykernel_launcher.__file__), *command[3:]]
    del sys.modules["ipykernel_launcher"]
    _start_afresh()
    application: Any = IPKernelApp.instance(parent_handle=os.getppid())
    application.initialize()
    for _ in range(_threads):
        _count_threads()
    atexit.register(_answer_first, application)
    application.start()


def _answer_first(application: Any) -> None:
    """Lets a request to shut down be answered: ipykernel may close what its answer goes through, and then wait."""
    if getattr(application.kernel, "_shutdown_message", None):
        application.control_thread.join(5)


def _start_afresh() -> None:
    """Takes back what a fork inherits and a new interpreter would not have; Python reseeds ``random`` itself."""
    import matplotlib
    import numpy

    for name in list(sys.modules):
        if any(name == unwanted or name.startswith(f"{unwanted}.") for unwanted in UNWANTED):
            del sys.modules[name]
    vars(sys.modules["mali_analysis"]).pop("runs", None)
    numpy.random.seed()
    vars(threading)["_counter"] = itertools.count(1).__next__
    vars(import_module("traitlets.log"))["_logger"] = None  # the application's own, once there is one
    if matplotlib.matplotlib_fname() != _rc_file:  # the working folder may have one
        matplotlib.rcParams.update(matplotlib.rc_params())
