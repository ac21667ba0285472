"""Exercises on their way to the students and back: release, later grading and reports."""
