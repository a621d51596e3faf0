-- SPDX-License-Identifier: Apache-2.0
-- Finds the row of what stands at the target; without it a verify whose target lists in an order of its own would read
-- the ledger once for each account.  Made when it is first asked: an apply has no use for it, nor has a verify in order.
CREATE INDEX IF NOT EXISTS ledger_targets ON ledger_rows (target_id, kind) WHERE target_id IS NOT NULL;
