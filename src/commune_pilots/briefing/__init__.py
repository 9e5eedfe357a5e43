"""Results in, one offline page out."""
