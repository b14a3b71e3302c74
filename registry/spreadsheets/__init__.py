"""The only door to Excel: what a file is (gate), its cells (reader), where columns are (headers),
what a cell means for a field (cells), and what leaves the house (writer, blanks)."""
