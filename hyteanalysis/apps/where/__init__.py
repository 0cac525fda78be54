"""Page A: where we are."""
