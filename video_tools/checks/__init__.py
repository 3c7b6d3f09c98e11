"""Checks: what the critic measures, without weights."""
