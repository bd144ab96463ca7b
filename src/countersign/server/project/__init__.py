"""The Django project: settings built from the typed configuration, addresses, and the ASGI application."""
