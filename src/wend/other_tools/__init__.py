"""Other tools in the same shell: what they saved, and what they show."""
