/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control: the routes below /_rehearsal/, by which a test sets and asks what happens.  They want the token
 * of the start-up, as X-Rehearsal-Token or ?token=.
 *
 *   GET  counters   requests, in flight, windows, 429, mails, sign-ins, by route
 *   GET  faults     what is set;  POST faults  one more (see fault.c), or an array of them
 *   GET  switches   values;       POST switches {"name":"value"}
 *   POST reset      {"only":"objects"|"counters"|"faults"|"limits"}, without it all of these
 *   POST clock      {"advance_ms":N}, at all tenants
 *   GET  state      all objects, without secret fields
 *   POST save       writes the state file now
 *   POST fill       {"users":N,"organizations":N,…,"seed":N}: a made-up tenant (see fill.h)
 */
#ifndef REHEARSAL_CONTROL_H
#define REHEARSAL_CONTROL_H

struct rh_call;
struct rh_tenant;

void rh_control_answer(struct rh_tenant *tenant, struct rh_call *call);

#endif
