"""The catalogue of models, how they are fetched, verified and converted, and the only door to the inference runtime."""
