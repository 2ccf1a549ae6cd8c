"""Prints the README's picture."""

import mali_analysis as mali
from mali_analysis import charts

chapter = mali.load_chapter("mali-2020")
phases = mali.incidents.select_phases(chapter, mali.incidents.select_incidents(chapter, "2020-01-01", "2020-12-31"))
print(charts.draw(mali.incidents.plot_timeline(chapter, phases, "2020-01-01", "2020-12-31")).svg, end="")
