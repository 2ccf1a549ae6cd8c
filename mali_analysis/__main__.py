import os
import sys

if not sys.flags.safe_path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]  # modules of the folder it starts in may bear the names of others

from mali_analysis.runs.start import main

main()
