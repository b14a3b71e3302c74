"""`make screens`: every page of the demo in a real browser, photographed and checked."""
