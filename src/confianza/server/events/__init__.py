"""Event data of a workspace: files that were imported, and the tables by pair that are made of them."""
