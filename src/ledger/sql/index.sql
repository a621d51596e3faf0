-- SPDX-License-Identifier: Apache-2.0
-- The indexes of ledger_rows, made in bulk when a plan or an apply ends, dropped before many inserts.  The text stands
-- first, where there is one: SQLite sorts by a first column that is text with a comparison of its own, in half the time.

-- Proves L7, and finds the row of a source's entity.  5 is RH_VERB_CREATE, 9 RH_STATE_UNDONE.
CREATE UNIQUE INDEX IF NOT EXISTS ledger_creates ON ledger_rows (source_id, kind, parent)
	WHERE verb = 5 AND state <> 9;

-- Proves L7 for updates, whose parent is the account's row, and finds them by it.  6 is RH_VERB_UPDATE.
CREATE UNIQUE INDEX IF NOT EXISTS ledger_updates ON ledger_rows (parent, revision)
	WHERE verb = 6 AND state <> 9;

-- Finds all updates of an account, also those that were undone: of each account the newest is told (L13).
CREATE INDEX IF NOT EXISTS ledger_changes ON ledger_rows (parent) WHERE verb = 6;

-- Finds the rows of one kind of entity among a million people.  4 is RH_KIND_USER.
CREATE INDEX IF NOT EXISTS ledger_entities ON ledger_rows (kind) WHERE kind <> 4;
