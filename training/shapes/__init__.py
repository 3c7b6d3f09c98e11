"""Draw the world of `shapes`, train the model on it and export what the package ships."""
