"""Metrics: pure functions of tensors; counts accumulated over a set, divided once."""
