"""Contrasts in, attainment and a decision out."""
