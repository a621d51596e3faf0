-- SPDX-License-Identifier: Apache-2.0
-- How a program that only reads sees a ledger of schema 1 or 2: with what schema 3 adds, empty.
CREATE TEMP VIEW verified_runs AS SELECT 0 AS last, 0 AS first, 0 AS at WHERE 0;

CREATE TEMP VIEW drifts AS SELECT 0 AS id, 0 AS fields WHERE 0;
