"""Tiny random-weight pipelines of real diffusers classes, built from configs."""
