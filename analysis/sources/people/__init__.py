"""Homes, residential land and residents."""
