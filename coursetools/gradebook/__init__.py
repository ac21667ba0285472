"""From the records of a grading to marks: pages, tables, marks by hand, learning platforms."""
