"""Where something could be built, and why not there."""
