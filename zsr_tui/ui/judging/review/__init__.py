"""The list of all that was judged, noted, tagged and bookmarked of a corpus, and the search in it."""
