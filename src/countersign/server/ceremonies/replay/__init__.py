"""The replay memory in the server's own database: what of a recording is remembered, and for how long."""
