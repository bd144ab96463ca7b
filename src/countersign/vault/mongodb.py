"""A reference store in MongoDB, for keeping references apart from the accounts. Needs the extra ``mongodb``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import ConfigurationError as BadUrl
from pymongo.errors import DuplicateKeyError, InvalidURI, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from countersign.core.errors import ConfigurationError, ErrorCode, VaultError
from countersign.core.ports import StoredRecord

DEFAULT_DATABASE = "countersign"
"""Used when the URL names none."""

_PAGE = 1000


class MongoStore:
    """See `countersign.core.ports.ReferenceStore`. One collection; `_id` is the reference id.

    Reads come from the primary and see only what a majority holds; writes are done when a majority has them on disk. So
    an accepted write survives the loss of a member, and a deleted record does not come back.

    Args:
        collection: any; read and write concerns are set here.
    """

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        self._collection: Collection[dict[str, Any]] = collection.with_options(
            codec_options=CodecOptions(uuid_representation=UuidRepresentation.STANDARD),
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )

    @classmethod
    def open(cls, url: str, collection: str, *, timeout_s: float = 5.0) -> MongoStore:
        """The store in a collection of the database that a URL names, or of `DEFAULT_DATABASE`. Connects when first used.

        Args:
            url: `mongodb://...` or `mongodb+srv://...`; may hold a password, so it never appears in a message.
            collection: its name.
            timeout_s: for each operation, also when the server cannot be found.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID when the URL is none.
        """
        milliseconds = int(1000 * timeout_s)
        try:
            client: MongoClient[dict[str, Any]] = MongoClient(
                url, timeoutMS=milliseconds, serverSelectionTimeoutMS=milliseconds, appname="countersign"
            )
            return cls(client.get_default_database(DEFAULT_DATABASE)[collection])
        except (BadUrl, InvalidURI, ValueError):
            raise ConfigurationError(
                ErrorCode.CONFIGURATION_INVALID, "the address of the reference vault is not one of a MongoDB server"
            ) from None

    def close(self) -> None:
        """Close the client's connections; the store is not used after that."""
        self._collection.database.client.close()

    def get(self, reference_id: UUID) -> StoredRecord | None:
        """See the port."""
        with _told_as_unavailable():
            found = self._collection.find_one({"_id": reference_id})
        if found is None:
            return None
        version, data = found.get("version"), found.get("data")
        if not isinstance(version, int) or not isinstance(data, bytes):
            raise VaultError(ErrorCode.VAULT_MALFORMED, "the reference vault holds a document that is no record")
        return StoredRecord(version=version, data=data)

    def put(self, reference_id: UUID, data: bytes, *, expected_version: int) -> None:
        """See the port."""
        content = {"version": expected_version + 1, "data": data}
        with _told_as_unavailable():
            if expected_version == 0:
                try:
                    self._collection.insert_one({"_id": reference_id} | content)
                except DuplicateKeyError:
                    raise _conflict() from None
                return
            present = {"_id": reference_id, "version": expected_version}
            if self._collection.update_one(present, {"$set": content}).matched_count == 0:
                raise _conflict()

    def delete(self, reference_id: UUID, *, expected_version: int | None = None) -> bool:
        """See the port."""
        present = {"_id": reference_id} | ({} if expected_version is None else {"version": expected_version})
        with _told_as_unavailable():
            return self._collection.delete_one(present).deleted_count > 0

    def ids(self) -> Iterator[UUID]:
        """See the port."""
        # By pages, each a query of its own: a cursor would run into the time limit while the caller works.
        after: dict[str, Any] = {}
        while True:
            with _told_as_unavailable():
                page = [
                    found["_id"] for found in self._collection.find(after, {"_id": True}).sort("_id", 1).limit(_PAGE)
                ]
            yield from page
            if len(page) < _PAGE:
                return
            after = {"_id": {"$gt": page[-1]}}


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        # Only the kind of error: its text names addresses, and may quote the record.
        message = f"the reference vault could not be used: {type(error).__name__}"
        raise VaultError(ErrorCode.VAULT_UNAVAILABLE, message) from None


def _conflict() -> VaultError:
    return VaultError(ErrorCode.VAULT_CONFLICT, "the record is not of the version that was expected")
