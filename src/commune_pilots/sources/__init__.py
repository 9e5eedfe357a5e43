"""Raw files in, typed tables out."""
