"""Wrong values planted in the data, and what notices each: ``make mutants``."""
