"""Invented data with a known truth, labelled simulated wherever it goes."""

from commune_pilots.simulate.press_figures import LABEL_VI, press_tables
from commune_pilots.simulate.worlds import WORLDS

__all__ = ["LABEL_VI", "WORLDS", "press_tables"]
