"""Siting on matrices: which candidate sites to open, and how far from the best an answer can be."""
