"""Find, align, embed and follow one face."""
