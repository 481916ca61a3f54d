"""What GitHub makes of a workflow: its expressions, and when its jobs run."""
