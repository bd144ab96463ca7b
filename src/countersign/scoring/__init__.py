"""From comparison scores to one log-likelihood ratio."""
