-- SPDX-License-Identifier: Apache-2.0
-- From schema 1 to 2: updates, and what stood there before them.  A new ledger is made by schema.sql and this.

-- The keyed digest of what a plan asked for as a whole, where `wire` is what came of it together with what
-- stood there; without it an account that keeps fields of its own would be changed again by every plan.
ALTER TABLE ledger_rows ADD COLUMN asked BLOB;

-- Bits and keyed digests of the fields that stood there before the last writing request of an update (L11);
-- nobody could tell an update that was lost on the way from one that somebody else has changed since.
ALTER TABLE ledger_rows ADD COLUMN before_present INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger_rows ADD COLUMN before_wire BLOB;

-- Keyed digest of the password hash that went along; a hash that changed at the source could not be noticed.
ALTER TABLE ledger_rows ADD COLUMN credential BLOB;

-- What an update replaced, sealed, without any credential; an undo could not put it back.
CREATE TABLE before_images (
	row INTEGER PRIMARY KEY, -- the ledger row of the update
	sealed BLOB NOT NULL     -- crypto/seal.h, its position is the row's id
) STRICT;

PRAGMA user_version = 2;
