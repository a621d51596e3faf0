/* SPDX-License-Identifier: Apache-2.0 */
/* Hall: a guild that moves to another one: people in a file, entities in memory, the ways from plan to undo. */
#ifndef SUPPORT_HALL_H
#define SUPPORT_HALL_H

#include "base/arena.h"
#include "engine/tenant.h"
#include "guild/guild.h"
#include "scripted_transport.h"

struct hall {
	char *folder;
	char *workspace_path;
	struct rh_workspace workspace;
	struct rh_settings settings;
	struct rh_ledger *ledger;
	struct guild_server server;
	struct guild_apart apart; /* pid 0: `server` it is */
	struct acme instance;
	struct scripted scripted; /* of the last way */
	rh_time now_at;           /* where the next way's clock starts */
	struct rh_arena arena;
	char *input;
	struct rh_buf streams[RH_KINDS]; /* NDJSON */
	bool has_stream[RH_KINDS];
	/* that the target says: kinds whose creation sends mail; roles that a membership holds */
	unsigned mails;
	unsigned roles_max;
	void (*arm)(struct hall *hall); /* adds rules to the script of a way; may be NULL */
	struct rh_plan plan;
	bool has_plan;
	struct rh_tenant_run tally; /* of the last apply */
	struct rh_run_counts counts;
	struct rh_err err;
};

int hall_setup(void **state);
int hall_teardown(void **state);
#define HALL_TEST(test) cmocka_unit_test_setup_teardown(test, hall_setup, hall_teardown)

/* The ledger must not be open while the process forks. */
void hall_close_ledger(struct hall *hall);
void hall_open_ledger(struct hall *hall);

void hall_set(struct hall *hall, const char *name, const char *value);
/* Writes the file of people u1 … uN. */
void hall_people(struct hall *hall, unsigned count);
/* One more record of a kind. */
void hall_record(struct hall *hall, enum rh_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void hall_clear(struct hall *hall);
/* Three people; two permissions, two roles, two organizations (one empty), a domain, three memberships. */
void hall_settle(struct hall *hall);

/* Ways: RH_OK or the error, which is in hall->err. */
int hall_plan(struct hall *hall);
int hall_apply(struct hall *hall);
int hall_verify(struct hall *hall);
int hall_undo(struct hall *hall);

/* Fails with the error's text. */
void hall_check(const struct hall *hall, int code);
/* A membership at the target, by the external ids of its two sides; NULL: there is none. */
json_t *hall_membership(struct hall *hall, const char *organization, const char *user);
/* Counts of a kind in the ledger. */
struct rh_ledger_kind_counts hall_count(struct hall *hall, enum rh_kind kind);
/* How many findings of this code and note the plan has. */
uint64_t hall_findings(const struct hall *hall, enum rh_finding_code code, const char *note);

#endif
