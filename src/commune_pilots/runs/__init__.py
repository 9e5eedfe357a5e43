"""Runs and batches: executed, checked, published."""
