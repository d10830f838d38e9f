"""The table of queries: its columns, its rows in pages, and the lines that show them."""
