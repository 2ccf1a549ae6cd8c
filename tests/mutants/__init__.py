"""Faults planted in the data and in the code, and what notices each: ``make mutants``."""
