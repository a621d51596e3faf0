-- SPDX-License-Identifier: Apache-2.0
-- Schema 1 of the ledger.  A comment stands inside its table, so that the file explains itself to whoever
-- opens it with SQLite's shell: what a column is for, and what would break without it.

CREATE TABLE ledger_rows (
	-- One row is one write at the target.  No index on texts: kept up row by row a random key costs ten
	-- times what the row costs; the two that reading needs are made in bulk (index.sql).
	id INTEGER PRIMARY KEY,            -- the plan's number; without it answers could not find their row cheaply
	kind INTEGER NOT NULL CHECK (kind >= 0),     -- enum rh_kind; a source id is unique within a kind only
	verb INTEGER NOT NULL CHECK (verb >= 0),     -- enum rh_verb; undo could not tell a create from an update
	state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 10), -- enum rh_state; nobody would know what is left to do
	origin INTEGER NOT NULL DEFAULT 0 CHECK (origin BETWEEN 0 AND 4), -- enum rh_origin; undo would remove what is not ours
	source_id TEXT NOT NULL,           -- the source's name of the entity; ids and later revisions hang on it
	parent INTEGER NOT NULL DEFAULT 0, -- row it belongs to, 0: none (not NULL, which is never equal to itself)
	external_id TEXT,                  -- as sent; a lost answer could not be looked up
	target_id TEXT,                    -- the target's name; no child, verify or undo could address it
	parts_planned INTEGER NOT NULL DEFAULT 0, -- enum rh_part bits the plan wants sent; a loss could not be told
	parts_sent INTEGER NOT NULL DEFAULT 0,    -- bits that went into the request accepted
	parts_dropped INTEGER NOT NULL DEFAULT 0, -- bits the target refused; the journey would not know whom to write to
	wire_present INTEGER NOT NULL DEFAULT 0,  -- bit per wire field; tells which digest in `wire` is whose
	wire BLOB,                         -- keyed digests of the fields expected; verify had nothing to compare with
	file INTEGER NOT NULL DEFAULT 0,   -- index among the inputs, and
	record INTEGER NOT NULL DEFAULT 0, -- number within it: the record is found again without a search
	revision INTEGER NOT NULL DEFAULT 0, -- plan that wants this content; a delta run could not see what changed
	batch INTEGER NOT NULL DEFAULT 0,  -- bulk job it went with, 0: none; a job's result could not be spread
	attempts INTEGER NOT NULL DEFAULT 0, -- requests so far; a row that never passes would be tried for ever
	code TEXT,                         -- provider's code of the last refusal; a rejection had no reason
	intended_at INTEGER NOT NULL DEFAULT 0, -- our clock, microseconds since 1970, 0: not set; age of an UNKNOWN
	target_at INTEGER NOT NULL DEFAULT 0,   -- the target's clock before the intent; "created after" could not be shown
	settled_at INTEGER NOT NULL DEFAULT 0,  -- when the answer was read
	verified_at INTEGER NOT NULL DEFAULT 0, -- when it was last read back as expected; drift looked like lateness
	drift INTEGER NOT NULL DEFAULT 0 CHECK (drift BETWEEN 0 AND 2), -- what the last verify found; nobody could be named
	worker TEXT,                       -- who holds the lease; two of many workers would send one row
	lease_until INTEGER                -- when it lapses; rows of a dead worker would wait for ever
) STRICT;

CREATE TABLE identity (
	-- Whose ledger this is (L5), one row.  Without it accounts of one tenant would be sent to another.
	one INTEGER PRIMARY KEY CHECK (one = 1), -- keeps it at one row
	name TEXT NOT NULL,                -- random, part of idempotency keys; two ledgers would share keys
	source TEXT NOT NULL,              -- provider read from
	source_tenant TEXT NOT NULL,       -- its tenant; 'file' for exports
	target TEXT NOT NULL,              -- provider written to
	target_tenant TEXT NOT NULL,       -- its tenant
	environment TEXT NOT NULL          -- of the target; a rehearsal's rows would count as production's
) STRICT;

CREATE TABLE facts (
	-- Small facts of the migration by name: revision in force, base ids, when it ended.  Without it a second
	-- run would not know that the first one was complete.
	name TEXT PRIMARY KEY,             -- chosen in the code
	value TEXT NOT NULL                -- its text; numbers in decimal
) STRICT, WITHOUT ROWID;

CREATE TABLE buckets (
	-- Quotas as several workers share them.  Without it each worker would use up the whole quota.
	name TEXT PRIMARY KEY,             -- the connector's name of the quota
	quota INTEGER NOT NULL CHECK (quota >= 0), -- requests a window, 0: not limited
	window_us INTEGER NOT NULL CHECK (window_us > 0), -- its length
	window_at INTEGER NOT NULL DEFAULT 0, -- when the running window began; `used` could not be started anew
	used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0), -- requests drawn in it by all workers
	blocked_until INTEGER NOT NULL DEFAULT 0 -- the target said "later"; only the worker that heard it would wait
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
	-- Bulk jobs at the target.  Without it a job that runs while we are killed would be submitted again.
	id INTEGER PRIMARY KEY,            -- what ledger_rows.batch names
	state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 10), -- enum rh_state, as of a row
	job_id TEXT,                       -- the target's name of it; its result could not be fetched
	digest BLOB,                       -- keyed digest of what was submitted; a job found could not be known as ours
	expires_at INTEGER NOT NULL DEFAULT 0, -- after which the target forgets it, 0: not said
	worker TEXT,                       -- who waits for it
	lease_until INTEGER                -- when somebody else may
) STRICT;

CREATE TABLE control (
	-- What the operator asks of running workers, one row.  Without it a pause would reach one process only.
	one INTEGER PRIMARY KEY CHECK (one = 1), -- keeps it at one row
	pause INTEGER NOT NULL DEFAULT 0 CHECK (pause IN (0, 1)), -- 1: no new intents
	rate INTEGER,                      -- requests a second for all workers; NULL: as the provider documents
	concurrency INTEGER                -- requests in flight for all workers; NULL: the engine's choice
) STRICT;

INSERT INTO control (one) VALUES (1);
