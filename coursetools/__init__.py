"""The authors' and graders' tools of the course: run, spread, release, grade, mark, report."""
