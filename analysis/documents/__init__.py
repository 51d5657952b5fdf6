"""A study as plain tables and JSON: what is saved, served and compared."""
