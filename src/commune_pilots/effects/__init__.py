"""Tables in, contrasts and their grades out."""
