"""The command line: the only place that opens files, reads the environment and prints."""
