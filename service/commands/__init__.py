"""The commands of ``living-circle``; each module imports what is heavy inside its functions."""
