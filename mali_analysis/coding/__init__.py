"""For whoever codes a chapter: schema, checks, codebook, agreement of codings. Nothing here knows an analysis."""
