"""Editing: timelines, media files, rendering, sound, captions and exchange."""
