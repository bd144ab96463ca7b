"""Pinned files from their upstream addresses: https only, bounded in time and size, verified before use."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urlsplit

from countersign.core.errors import ErrorCode, ModelError
from countersign.models.entry import SourceFile
from countersign.models.index import Progress

TIMEOUT_S = 15.0
CHUNK = 1 << 18


class HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects, never away from https."""

    def redirect_request(  # noqa: PLR0917 - the base class decides
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse another scheme, else do as the base class does."""
        if urlsplit(newurl).scheme != "https":
            raise urllib.error.URLError("redirected away from https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(slots=True)
class Web:
    """Fetches pinned files. A host that did not answer once is not tried again, so that a pull without a network ends soon.

    Attributes:
        opener: how addresses are opened; the default knows the user's proxies and follows redirects within https only.
        silent: hosts that did not answer.
    """

    opener: urllib.request.OpenerDirector = field(default_factory=lambda: urllib.request.build_opener(HttpsOnly))
    silent: set[str] = field(default_factory=set)

    def fetch(self, file: SourceFile, progress: Progress) -> bytes:
        """The pinned file's bytes from the first of its addresses that has them.

        Raises:
            ModelError: MODEL_UNAVAILABLE.
        """
        failures = []
        for url in file.urls:
            host = urlsplit(url).netloc
            if host in self.silent:
                failures.append(f"{host}: did not answer")
                continue
            try:
                return self._get(url, file, progress)
            except urllib.error.HTTPError as error:
                failures.append(f"{host}: {error.code} {error.reason}")
            except (OSError, http.client.HTTPException) as error:
                self.silent.add(host)
                failures.append(f"{host}: {error}")
            except ValueError as error:
                failures.append(f"{host}: {error}")
        raise ModelError(
            ErrorCode.MODEL_UNAVAILABLE,
            f"{file.name} could not be fetched from its upstream address ({'; '.join(failures)}). "
            "Put it into a folder and run: countersign models pull --from DIR",
        )

    def _get(self, url: str, file: SourceFile, progress: Progress) -> bytes:
        if urlsplit(url).scheme != "https":
            raise ValueError("not an https address")
        data = bytearray()
        with self.opener.open(url, timeout=TIMEOUT_S) as answer:
            while chunk := answer.read(CHUNK):
                data += chunk
                if len(data) > file.size:
                    raise ValueError("more bytes than the catalogue says")
                progress(file.name, len(data), file.size)
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise ValueError("other bytes than the catalogue says")
        return bytes(data)
