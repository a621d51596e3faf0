/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One writer per role: a lock by the operating system (flock on <workspace>/<role>.lock), which ends with
 * its process however that ends, and beside it who holds it: host, process, boot, heartbeat.  Process ids
 * prove nothing (two containers may have equal ones), so the file lock alone decides where it works; a
 * workspace on a file system without locks falls back to the heartbeat: younger than 30 s is held.
 */
#ifndef LEDGER_LOCK_H
#define LEDGER_LOCK_H

#include <rehome/types.h>

struct rh_buf;
struct rh_lock;

/* RH_EMISMATCH: held; the message names host, process and since when. */
RH_NODISCARD int rh_lock_take(struct rh_lock **out, const char *workspace, const char *role,
			      rh_time now, struct rh_err *err);
/* Who holds the role, as "process 12 on host \"h\" since …", without touching the lock; false: nobody, as far as can be
 * told: a sign of life younger than 30 s, and on this machine the process. */
bool rh_lock_peek(const char *workspace, const char *role, rh_time now, struct rh_buf *out);
/* Rewrites the heartbeat when the last one is older than 5 s. */
void rh_lock_beat(struct rh_lock *lock, rh_time now);
void rh_lock_release(struct rh_lock *lock); /* accepts NULL */

#endif
