"""Evidence workbench for commune-level digital-transformation pilots in Viet Nam."""

__version__ = "0.8.0"
