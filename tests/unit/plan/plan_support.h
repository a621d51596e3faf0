/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan's tests share: a workspace in a folder of its own, inputs written by hand, plans made of them. */
#ifndef PLAN_SUPPORT_H
#define PLAN_SUPPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "plan/plan.h"

#define TEST_NOW INT64_C(1800000000000000)
#define TEST_INPUTS 4

/* A bcrypt hash of a made-up password, and the header of the CSV that can hold one. */
#define TEST_HASH "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2"
#define TEST_CSV                                                                    \
	"id,first_name,last_name,username,primary_email_address,"                   \
	"primary_phone_number,verified_email_addresses,unverified_email_addresses," \
	"verified_phone_numbers,unverified_phone_numbers,totp_secret,"              \
	"password_digest,password_hasher\n"

/* A user object of the source's API with one verified address; `more`: further members with a comma before. */
#define PERSON(id, email, more)                                                     \
	"{\"id\":\"" id "\",\"primary_email_address_id\":\"idn_" id                 \
	"\",\"email_addresses\":[{\"id\":\"idn_" id "\",\"email_address\":\"" email \
	"\",\"verification\":{\"status\":\"verified\"}}]" more "}"

struct plan_test {
	char *folder;
	char *workspace_path;
	struct rh_workspace workspace;
	struct rh_settings settings;
	struct rh_ledger *ledger; /* NULL: there is none */
	const struct rh_connector *source;
	const struct rh_connector *target;
	void *target_instance;
	char *paths[TEST_INPUTS];
	size_t path_count;
	struct rh_clock_manual clock;
	size_t index_bytes; /* of the plan; 0: ours */
	unsigned workers;   /* of the plan, as its inputs have it */
	size_t stretch_bytes;
	uint64_t read_apart; /* records that workers have read for the last plan */
	bool (*tick)(void *context, uint64_t records); /* of rh_plan_read, with tick_context */
	void *tick_context;
	int64_t revision; /* that a replay is of; 0: none */
	size_t ticks;     /* of the last plan_check_source: 0, no input was read */
	struct rh_arena arena;
	struct rh_buf text; /* what trace and list write */
	struct rh_err err;
};

int plan_setup(void **state);
int plan_teardown(void **state);

void plan_set(struct plan_test *test, const char *name, const char *value);
/* Writes a file and adds it to the inputs; plan_clear forgets the inputs. */
void plan_input(struct plan_test *test, const char *name, const char *content);
void plan_input_bytes(struct plan_test *test, const char *name, struct rh_str content);
void plan_input_path(struct plan_test *test, const char *path);
void plan_clear(struct plan_test *test);
/* Makes the ledger, or opens it again. */
void plan_open_ledger(struct plan_test *test);
/* Row `id` for this source id in this state (DONE, REJECTED, CONFLICT, UNKNOWN, DEFERRED). */
void plan_ledger_row(struct plan_test *test, int64_t id, const char *source_id, enum rh_state state,
		     int64_t revision);

int plan_open_source(struct plan_test *test, bool is_replay, struct rh_source **out);
/* Are the inputs those of test->revision? */
int plan_check_source(struct plan_test *test);
/*
 * One line for each account: "1 0:1 user_1 ada@example.com* hash [FINDING FINDING]"; `*` verified, `!` primary;
 * a bad record "2 0:2 bad 3:4"; "end", or "error CODE message" at the end.
 */
const char *plan_trace(struct plan_test *test, bool is_replay);

/* Makes a plan with what stands at the target; asserts that the counts add up. */
void plan_make(struct plan_test *test, const struct rh_observed *observed, size_t count,
	       struct rh_plan *out);
/* The same, for the case that it fails. */
int plan_try(struct plan_test *test, struct rh_plan *out);
/* "1 refuse RH0601 user_1 -" a line for each exception of the revision; target id at the end. */
const char *plan_list(struct plan_test *test, int64_t revision);
/* Accounts that a group of findings counts; 0: there is no such group. */
uint64_t plan_found(const struct rh_plan *plan, enum rh_finding_code code);
/* Is this text somewhere in the files below the workspace?  Files that nobody may name fail the test. */
bool plan_holds(struct plan_test *test, const char *text);

#endif
