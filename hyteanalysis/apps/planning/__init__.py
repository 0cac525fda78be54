"""Page C: the open plan and its editions, what it shows, what may be changed, the files made of it."""
