"""What if: modifications on an untouched baseline, and what they change."""
