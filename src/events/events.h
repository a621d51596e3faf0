/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event log: newline JSON, one line an event, each appended whole with one write, so that a crash leaves
 * at most one torn last line.  The first line is {"event":"version",…}.  Adding a field does not raise the
 * format's number.  No secret enters, and no address but as a pseudonym, unless the operator asks.
 */
#ifndef EVENTS_EVENTS_H
#define EVENTS_EVENTS_H

#include <rehome/types.h>

struct rh_clock;
struct rh_events;

#define RH_EVENTS_FORMAT 1

/* Creates <folder>/<time>.ndjson (mode 0600); `run` names the run in every line. */
RH_NODISCARD int rh_events_open(struct rh_events **out, const char *folder, const char *command,
				struct rh_clock *clock, struct rh_err *err);
/* Writes what is buffered; accepts NULL. */
void rh_events_close(struct rh_events *events);

/* What became of one account: the names that people know from other tools. */
enum rh_event_status {
	RH_EVENT_SUCCESS, /* created, updated, linked */
	RH_EVENT_FAIL,    /* refused by our check */
	RH_EVENT_ERROR,   /* refused by the target */
	RH_EVENT_SKIPPED, /* by policy */
};

struct rh_account_event {
	enum rh_event_status status;
	struct rh_str source_id;  /* "userId" */
	struct rh_str target_id;  /* "targetId"; absent: left out */
	const char *what;         /* "created", "linked", "skipped" … */
	const char *code;         /* finding, or the provider's code; NULL: left out */
	const char *error;        /* constant text a cause; NULL: left out */
	struct rh_str path;       /* absent: left out */
	uint64_t row;             /* 1-based record number; 0: left out */
	struct rh_str identifier; /* pseudonym, or the address when asked for; absent: left out */
};
RH_NODISCARD int rh_events_account(struct rh_events *events, const struct rh_account_event *event,
				   struct rh_err *err);
/* A line about the run: "begin", "end", "pause", "verify" …, with up to a few numbers. */
struct rh_event_number {
	const char *name;
	int64_t value;
};
RH_NODISCARD int rh_events_run(struct rh_events *events, const char *event,
			       const struct rh_event_number *numbers, size_t count,
			       struct rh_err *err);
/* Writes the buffered lines. */
RH_NODISCARD int rh_events_flush(struct rh_events *events, struct rh_err *err);

#endif
