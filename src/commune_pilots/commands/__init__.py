"""The commands of `pilots`: read the project, call one thing of the rooms below, show it."""
