"""Every circle × element × dimension held against the standard, with reasons."""
