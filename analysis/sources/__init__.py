"""The outside: the only package that opens files, reaches the network or runs a foreign engine."""
