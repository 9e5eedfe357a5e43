"""Typed tables in, tables fit for comparison out."""
