"""The views: each takes a visit and answers it."""
