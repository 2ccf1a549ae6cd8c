"""What is for JupyterLab alone: the chapter to be looked through, and runs that follow from what was chosen."""
