"""Whole tasks walked in a browser on a fresh installation: `make journeys`."""
