"""Prints the README's picture."""

import mali_analysis as mali
from mali_analysis import charts

report = mali.load_report("mali-2020")
phases = mali.select_phases(report, mali.select_incidents(report, "2020-01-01", "2020-12-31"))
print(charts.draw(mali.plot_timeline(phases, "2020-01-01", "2020-12-31")).svg, end="")
