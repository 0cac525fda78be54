"""What page B computes: an action with the viewer's own numbers, and a view of each part of its answer."""
