"""The Building Partner Capacity case process, from request to closure, under a dated edition of its rules."""
