-- SPDX-License-Identifier: Apache-2.0
-- From schema 2 to 3: what a verify read back as expected is noted for many rows at once.

-- Runs of ids whose rows were all read back as expected (L14).  Without it each verify would write every row anew, wide
-- as they are; keyed by the end, so that one search finds the run that holds an id, or the next one.
CREATE TABLE verified_runs (
	last INTEGER PRIMARY KEY,  -- id of the last row
	first INTEGER NOT NULL CHECK (first BETWEEN 1 AND last), -- id of the first; runs never overlap
	at INTEGER NOT NULL        -- moment of the verify, our clock; drift looked like lateness
) STRICT;

-- What differed of the rows whose drift is 1: names stand with the connector, values nowhere.
CREATE TABLE drifts (
	id INTEGER PRIMARY KEY,    -- the row; what is noted of one that drifts no more means nothing
	fields INTEGER NOT NULL    -- bits of wire fields; without them nobody learns what to look at
) STRICT;

PRAGMA user_version = 3;
