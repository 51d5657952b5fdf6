"""What to add where, in which order, at what cost, with proof (补什么、补在哪、先补哪)."""
