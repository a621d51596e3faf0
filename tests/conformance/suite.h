/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One suite for every connector.  A connector's file in this folder says how to open it and how its provider
 * is played; the suite does the rest and leaves out what the connector does not say it can.  Numbers C1 to C15 are
 * the rules of connector.h.
 *
 * Operations are stepped by hand here, without the engine: a request is checked, handed to the play (or spoiled
 * by a hook), and the answer handed back in memory that ends where the answer ends and is freed when the next
 * answer comes, so that the sanitizers see whoever reads beyond, or for too long.
 */
#ifndef CONFORMANCE_SUITE_H
#define CONFORMANCE_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rehome/connector.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "scripted_transport.h"

struct rh_db;

struct subject_option {
	const char *name; /* NULL: the end */
	const char *value;
};

/* A provider played in memory, fresh for each test. */
struct subject_play {
	void *(*begin)(void);
	void (*end)(void *play);
	scripted_play_fn *answer;          /* HTTP */
	struct rh_db *(*db)(void *play);   /* SQL: borrowed */
	void (*refuse_hashes)(void *play); /* NULL: cannot */
	const char *password;              /* that every hash here stands for; NULL: no sign-ins */
	/* somebody with a hash signs in, as people do; NULL: nobody can */
	void (*sign_in)(void *play, struct rh_str email);
	/* an answer that says that there is nobody; NULL: none so short that it stands among the unreadable ones */
	const char *nobody;
	/* a well-formed refusal with a code that nobody knows, which stands in it as "some_new_code" */
	const char *refusal;
};

struct subject {
	const struct rh_connector *connector;
	const struct subject_option *options;
	/* values of these options that must never show; NULL-ended */
	const char *const *secrets;
	const struct subject_play *play; /* NULL: no target */
};

/* Runs all of it; the exit code. */
int suite_run(const struct subject *subject);
/* The subject that runs. */
extern const struct subject *suite_subject;

/* ---- the stage: an opened connector and its played provider -------------------------------------------- */

#define STAGE_STEPS_MAX 64
#define STAGE_REQUESTS_MAX 16
#define STAGE_PEOPLE 260

/* One request of an operation, as it was asked and answered. */
struct stage_request {
	struct rh_request request; /* its texts live as long as the operation */
	int status;
	char *body; /* a copy of the answer; NULL: none */
};

struct person {
	struct rh_account account;
	struct rh_identifier email;
	char source_id[32];
	char address[48];
	char last_name[48];
};

struct stage {
	const struct rh_connector *connector;
	void *instance;
	struct rh_endpoint endpoint;
	void *play;
	rh_time now;
	struct rh_arena arena; /* of the options, the token, the people */
	struct rh_str token;
	struct person people[STAGE_PEOPLE];
	/* Spoils the n-th answer of an operation (from 0): returns true if it wrote another one. */
	bool (*spoil)(struct stage *stage, unsigned n, struct scripted_answer *answer);
	void *spoil_context;
	/* Step number fail_step (from 1) of an operation has memory for fail_from - 1 allocations; 0: plenty. */
	unsigned fail_step;
	uint64_t fail_from;
};

/* How an operation ended. */
enum stage_end {
	STAGE_DONE,
	STAGE_FAIL,
	STAGE_ENGINE,   /* the default rules say so: `outcome` */
	STAGE_CODE,     /* step returned `code` */
	STAGE_OBSERVED, /* an update was ended before it wrote */
};

/* One operation, from the first step to its end. */
struct stage_op {
	struct rh_operation op;
	struct rh_arena arena;
	struct rh_arena answers; /* SQL: of the last answer */
	struct rh_json json;
	struct rh_answer answer;
	enum stage_end end;
	enum rh_outcome outcome; /* of the first row, or of the whole */
	int code;
	struct stage_request requests[STAGE_REQUESTS_MAX];
	unsigned request_count;
	unsigned writes;
	unsigned steps;
	bool was_observed;  /* it said what it read (C13) */
	bool ends_observed; /* asked: then it is ended */
	char *body;         /* the last answer; freed with the next one */
	size_t arena_max;   /* 0: plenty */
};

/* Opens the connector and begins the play; ends both. */
void stage_begin(struct stage *stage);
void stage_end(struct stage *stage);
/* Account number n of made-up people, whose credential is there if has_hash. */
struct rh_row stage_row(struct stage *stage, unsigned n, bool has_hash);

/* Runs one operation and checks C1 to C7 and C9 on the way. */
void stage_run(struct stage *stage, struct stage_op *op, enum rh_kind kind, enum rh_verb verb,
	       struct rh_row *rows, size_t row_count);
/* The same with everything set in op->op but arena, json and state. */
void stage_run_prepared(struct stage *stage, struct stage_op *op);
void stage_op_done(struct stage_op *op);
/* Runs with one row and gives its outcome; what happened is freed. */
enum rh_outcome stage_outcome(struct stage *stage, enum rh_verb verb, struct rh_row *row);
/* Creates and must succeed; the target's id lives in the stage. */
struct rh_str stage_create(struct stage *stage, struct rh_row row);
/* Accounts that the provider holds, by walking its list. */
unsigned stage_count(struct stage *stage);

bool suite_can(enum rh_kind kind, enum rh_verb verb);
/* Fails if the text holds one of the subject's secrets. */
void suite_check_secrets(struct rh_str text, const char *where);
/* C6. */
void suite_check_code(struct rh_str code);
/* The hash that stage_row gives. */
extern const char suite_hash[];

/* ---- the tests, by file ------------------------------------------------------------------------------------ */

/* suite_describe.c */
void conformance_description(void **state);
void conformance_capabilities(void **state);
void conformance_options(void **state);
void conformance_endpoint(void **state);
/* suite_operations.c */
void conformance_probe(void **state);
void conformance_round_trip(void **state);
void conformance_twice(void **state);
void conformance_absent(void **state);
void conformance_find_email(void **state);
void conformance_update(void **state);
void conformance_update_ended(void **state);
void conformance_update_back(void **state);
void conformance_update_parts(void **state);
void conformance_remove(void **state);
void conformance_remove_in_use(void **state);
void conformance_list(void **state);
void conformance_list_repeats(void **state);
void conformance_list_cut_short(void **state);
void conformance_find_many(void **state);
void conformance_bulk(void **state);
void conformance_prove(void **state);
void conformance_refused_hash(void **state);
void conformance_unknown_members(void **state);
/* suite_answers.c */
void conformance_refusals(void **state);
void conformance_unreadable(void **state);
void conformance_cut_bodies(void **state);
void conformance_other_types(void **state);
void conformance_little_memory(void **state);
void conformance_no_memory(void **state);
void conformance_no_state(void **state);
/* suite_mapping.c */
void conformance_wire_parts(void **state);
void conformance_wire_secrets(void **state);
void conformance_sample(void **state);
void conformance_broken_records(void **state);

#endif
