"""The host's own memory."""
