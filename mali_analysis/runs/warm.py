"""What a warm process has done before the first notebook runs in it; importing this module does it.

The fork server imports it once, and each job starts from a copy of the memory that this leaves. Nothing here may leave
a thread, an event loop, a socket or a setting behind: a forked process would inherit it.
"""

import contextlib
import gc
import signal
import sys
from importlib import import_module

signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked for the work decides what an interrupt ends

# jsonschema loads it where it can, to check the form of internationalized addresses: half of all import time, and no
# notebook has any. None makes its import fail, which jsonschema allows for.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

import matplotlib  # noqa: E402
from matplotlib.backends import backend_registry  # noqa: E402

MODULES = [
    "IPython.core.completerlib", "IPython.core.magics", "IPython.core.oinspect", "geopandas", "ipykernel.debugger",
    "ipykernel.inprocess.blocking", "ipykernel.inprocess.ipkernel", "ipykernel.inprocess.manager",
    "matplotlib.backends.backend_svg", "matplotlib_inline.backend_inline", "mistune", "nbformat.v4",
    "papermill.execute", "pyproj", "seaborn", "mali_analysis.exports", "mali_analysis.parameters",
    "mali_analysis.reading", "mali_analysis.places", "mali_analysis.partners", "mali_analysis.others",
    "mali_analysis.editions", "mali_analysis.runs.cli", "mali_analysis.runs.pages", "mali_analysis.runs.runner",
]  # fmt: skip
for name in MODULES:
    import_module(name)
del sys.modules["rfc3987_syntax"]
backend_registry.list_all()  # looks for backends in all installed packages, once

from mali_analysis import chapter, charts  # noqa: E402
from mali_analysis.coding import schema  # noqa: E402

# A damaged or foreign data folder is refused where it is asked for, not here.
with contextlib.suppress(schema.DataError):
    chapter.load_chapter()

# The first chart looks up fonts and reads their sizes; later ones find them.
with matplotlib.rc_context():
    charts.draw(charts.say_empty("warm"))

gc.freeze()  # what is shared stays shared: the collector of a job leaves it alone
