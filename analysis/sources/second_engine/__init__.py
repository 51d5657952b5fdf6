"""Engines that nobody here wrote, asked about the same extract."""
