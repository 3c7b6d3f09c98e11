"""What is trained for the package; none of it is installed."""
