/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A town of made-up people that moves to a rehearsed target: the export on disk, the workspace, the ways of
 * the library, and what must hold of the target in the end.
 */
#ifndef SUPPORT_TOWN_H
#define SUPPORT_TOWN_H

#include <rehome/rehome.h>

#include "rehearsed.h"

struct town {
	struct rehearsed server;
	char *folder; /* holds all that follows */
	char *input;
	char *workspace;
	unsigned first; /* number of the first person in the export */
	unsigned count;
	const char *key;  /* that the next ways use */
	const char *rate; /* NULL: as the provider documents */
	rh_progress_fn *progress;
	/* told the progress function; the migration under way */
	struct rh_migration *migration;
	unsigned stop_after;  /* accounts done after which town_stop stops */
	unsigned stop_levels; /* how often it still will */
};

/* How a way went. */
struct went {
	int code;
	struct rh_err err;
	int64_t revision;
	struct rh_plan_counts plan;
	struct rh_run_counts run;
	char settled[64]; /* apply: up to and with whom nothing is open */
};

/* Starts the server (options as of rehearsed_start); the export has no people yet. */
void town_found(struct town *town, const struct rh_rehearsal_options *options);
void town_raze(struct town *town);
/* A town for each test of its own; at the end nobody may have got a letter. */
int town_setup(void **state);
int town_teardown(void **state);
#define TOWN_TEST(test) cmocka_unit_test_setup_teardown(test, town_setup, town_teardown)
/* Writes the export: persons first, first + 1 …, then the records of `more` (JSON with commas, or ""). */
void town_settle(struct town *town, unsigned first, unsigned count, const char *more);
/* Another workspace with nothing in it. */
void town_new_workspace(struct town *town);

/* Options are names and values in turn, ended by NULL; NULL: none.  They are set beside those that every way
 * needs (from, to, file, workspace, key, address, rate). */
void town_plan(struct town *town, const char *const *options, struct went *out);
/* Plan and apply in one migration, as the tool does it. */
void town_apply(struct town *town, const char *const *options, struct went *out);
/* Applies the plan `revision` of the workspace (0: the newest) as it is. */
void town_go_on(struct town *town, int64_t revision, const char *const *options, struct went *out);
void town_verify(struct town *town, const char *const *options, struct went *out);
void town_undo(struct town *town, const char *const *options, struct went *out);
void town_status(struct town *town, struct went *out);
/* State of a source id, and what else its line says; texts of at most 63 bytes. */
struct town_line {
	char state[64];
	char origin[64];
	char code[64];
	char dropped[64];
	char target_id[64];
};
void town_line(struct town *town, const char *source_id, struct town_line *out);

typedef void town_way(struct town *town, const char *const *options, struct went *out);
/* The way in a child that is killed at its n-th ledger step; false: it had fewer and went to its end. */
bool town_killed_at(struct town *town, town_way *way, const char *const *options, uint64_t n);

/* A progress function: stops the migration as the town says. */
rh_progress_fn town_stop;

/* How a way has to end: code, and the tool's exit code. */
void town_check_end(const struct went *went, int code, enum rh_exit exit_code);
/* The target holds everybody of the export exactly once, as exported, and `others` more. */
void town_check_moved(const struct town *town, size_t others);
/* The counts of a complete, faultless apply. */
void town_check_counts(const struct town *town, const struct went *went);

#endif
