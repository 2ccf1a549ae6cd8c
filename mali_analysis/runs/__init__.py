"""For whoever runs notebooks: the command line, jobs in processes, pages, schedules. Nothing here knows a subject."""
