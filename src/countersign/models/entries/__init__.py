"""What the catalogue lists, by pack and by what it is about."""
