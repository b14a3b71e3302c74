"""`make crash`: imports killed at random moments, and cut off at the commit."""
