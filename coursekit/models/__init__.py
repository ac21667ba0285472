"""Models, one module an architecture family."""
