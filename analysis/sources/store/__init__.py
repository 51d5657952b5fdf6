"""Studies on disk: saved whole or not at all, opened again."""
