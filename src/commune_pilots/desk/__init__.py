"""The analyst's desk: JupyterLab, the parameter form, and the files a new study begins with."""
