/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State: all objects of a rehearsal as a file of lines of JSON, to go on later.
 *
 *   {"rehome_rehearsal":1,"saved_at":MICROSECONDS}
 *   {"provider":"acme","tenant":0,"environment":"test","kind":"users","fields":{…},"numbers":{…}}
 *
 * It holds the password hashes: mode 0600, like everything that rehome writes.
 */
#ifndef REHEARSAL_STATE_H
#define REHEARSAL_STATE_H

#include <rehome/types.h>

struct rh_json_writer;
struct rh_stage;
struct rh_tenant;

/* To stage->state_path. */
RH_NODISCARD int rh_state_save(struct rh_stage *stage, struct rh_err *err);
/* From stage->state_path; a file that is not there is an empty state.  Lines of tenants that this rehearsal
 * does not play are refused (RH_EMISMATCH), for the next save would lose them. */
RH_NODISCARD int rh_state_load(struct rh_stage *stage, struct rh_err *err);
/* {"environments":{"test":{"users":[…]}}}, without secret fields. */
void rh_state_write_tenant(const struct rh_tenant *tenant, struct rh_json_writer *writer);

#endif
