"""GitHub's workflow files as data: jobs, needs, conditions, outputs."""
