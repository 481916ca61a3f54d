"""Which tracked files a shell script uses by name."""
