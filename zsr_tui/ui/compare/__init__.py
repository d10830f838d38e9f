"""One query in several systems side by side: the search, its lists, and the document under the cursor."""
