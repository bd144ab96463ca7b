"""Tags that the templates of this application load."""
