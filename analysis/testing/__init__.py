"""Small worlds whose answers can be predicted, for tests, docs and notebooks."""
