"""Points joined to the streets: which arcs, by which legs; nothing is moved."""
