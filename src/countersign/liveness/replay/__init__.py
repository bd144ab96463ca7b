"""Has this recording been seen before? Keyed fingerprints of sound and picture, and the search among those remembered."""
