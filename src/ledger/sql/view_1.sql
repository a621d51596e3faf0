-- SPDX-License-Identifier: Apache-2.0
-- How a program that only reads sees a ledger of schema 1: with what schema 2 adds, empty.  The views stand in the
-- connection's own memory, before the file's tables, and are gone with it; nothing in the file changes.
CREATE TEMP VIEW ledger_rows AS
	SELECT *, NULL AS asked, 0 AS before_present, NULL AS before_wire, NULL AS credential
	FROM main.ledger_rows;

CREATE TEMP VIEW before_images AS SELECT 0 AS row, x'' AS sealed WHERE 0;
