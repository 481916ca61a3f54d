"""git: which commits are meant, and which paths changed between them.

The only package that imports GitPython.  Nothing here writes to the repository: its
configuration, HEAD, index, refs and shallow file are read, and a work tree is compared
through a private copy of the index.
"""
