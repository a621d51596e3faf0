/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the engine share: an engine over the scripted transport, spoken to as Acme. */
#ifndef ENGINE_SUPPORT_H
#define ENGINE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acme/acme.h"
#include "engine/engine.h"
#include "scripted_transport.h"

#define JOBS_MAX 300

/* What became of one submitted operation. */
struct fate {
	unsigned done;  /* calls of `done` */
	unsigned place; /* 1: the first that ended */
	enum rh_answer_kind kind;
	enum rh_outcome outcome;
	enum rh_scope scope;
	char code[40];
	const char *cause;
	char target_id[24];
	uint64_t snapshot_ref;
	struct fixture *fixture;
};

struct person {
	struct rh_account account;
	struct rh_identifier email;
	char source_id[24];
	char address[48];
	char key[24]; /* idempotency */
};

struct fixture {
	struct acme_server server;
	struct scripted scripted;
	struct acme acme;
	struct rh_connector connector; /* Acme's, for a test to change */
	struct rh_engine_options options;
	struct rh_engine *engine;
	struct fate fates[JOBS_MAX];
	struct person people[JOBS_MAX];
	unsigned submitted;
	unsigned ended;
	volatile int stop;
	struct rh_err err;
};

/* For cmocka; the state is a struct fixture. */
int engine_setup(void **state);
int engine_teardown(void **state);

/* Makes the engine with fixture->options, as far as a test changed them. */
void engine_begin(struct fixture *fixture);
/* Submits; returns the fate to look at later. */
struct fate *engine_create(struct fixture *fixture); /* person number fixture->submitted */
struct fate *engine_find(struct fixture *fixture, const char *external_id);
struct fate *engine_submit_kind(struct fixture *fixture, enum rh_kind kind, enum rh_verb verb,
				struct rh_row *rows, size_t row_count);
struct fate *engine_submit(struct fixture *fixture, const struct rh_job_spec *spec);
/* One account of the people. */
struct rh_row engine_row(struct fixture *fixture, unsigned number);
/* Turns until nothing is open; returns what the last turn said, which is also in fixture->err. */
int engine_finish(struct fixture *fixture);
/* Turns until the clock has moved on by so much, or nothing is open. */
int engine_turn_for(struct fixture *fixture, int64_t microseconds);
/* Every submitted operation ended exactly once (E1). */
void engine_check_fates(const struct fixture *fixture);
/* The n-th started request (from 0) whose method and beginning of path fit. */
const struct scripted_record *engine_record(const struct fixture *fixture, const char *method,
					    const char *path, size_t n);

#endif
