"""The routes of the web API: parse, call, return."""
