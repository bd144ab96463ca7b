"""Settings of a server for browsers: the pages are real, the API below `/api/v1/` says what a test scripted."""

from countersign.server.project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.browser.scripted_urls"
ALLOWED_HOSTS = ["localhost", "insecure.test"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["tests.server.cheap_hashes.CheapArgon2Hasher"]
