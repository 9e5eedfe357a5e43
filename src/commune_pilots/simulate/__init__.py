"""Invented data with a known truth, labelled simulated wherever it goes."""

from commune_pilots.simulate.press_figures import LABEL_VI, press_tables

__all__ = ["LABEL_VI", "press_tables"]
