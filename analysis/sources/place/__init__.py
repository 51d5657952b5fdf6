"""A place by its name: fetched online, cached."""
