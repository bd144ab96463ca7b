"""The server: accounts, audit, pages and API. The only room that knows Django."""
