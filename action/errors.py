"""The error of the actions themselves."""


class ActionError(Exception):
    """The action cannot run here, or an input is wrong; the text is for the user."""
