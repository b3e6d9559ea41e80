"""Reads posts: what they are about, which school, how grave, and which of them tell one matter."""
