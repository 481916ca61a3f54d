"""Plans, explanations and findings as text for people and for programs.  No I/O."""
