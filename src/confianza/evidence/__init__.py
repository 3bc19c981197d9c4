"""What is known: importers of published sources, and the tables made from them."""
