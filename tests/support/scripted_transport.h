/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport without a network: requests are answered by a function of the test (an imitation of a provider
 * in memory), unless a rule of the script says that something goes wrong.  Time is a clock moved by hand,
 * which only wait() advances.  Everything that passes is recorded.
 */
#ifndef SUPPORT_SCRIPTED_TRANSPORT_H
#define SUPPORT_SCRIPTED_TRANSPORT_H

#include "base/buf.h"
#include "base/clock.h"
#include "engine/transport.h"

/* What an imitation answers. */
struct scripted_answer {
	int status;
	struct rh_buf body;
	bool is_foreign;        /* the content type is not JSON */
	int64_t retry_after_us; /* -1: not said */
};

/* Plays the provider: does what the request asks and fills in the answer (status 0 before). */
typedef void scripted_play_fn(void *context, const struct rh_request *request, struct rh_str key,
			      rh_time now, struct scripted_answer *answer);

enum scripted_fault {
	SCRIPTED_STATUS,     /* `status` with `body`; the provider did nothing */
	SCRIPTED_DONE_THEN,  /* the provider did it, then `status` with `body` */
	SCRIPTED_NOT_SENT,   /* never left */
	SCRIPTED_CUT_BEFORE, /* cut, nothing was done */
	SCRIPTED_CUT_AFTER,  /* cut, it was done */
	SCRIPTED_SLOW,       /* done and answered well, wait_us later than usual */
	SCRIPTED_FULL,       /* start refuses: RH_ESTATE */
	SCRIPTED_BROKEN,     /* start refuses: `status` as error code */
};

/* One thing that goes wrong.  The first rule that fits a request decides. */
struct scripted_rule {
	enum scripted_fault fault;
	const char *method; /* NULL: any */
	const char *path;   /* its beginning; NULL: any */
	unsigned skip;      /* fitting requests that pass first */
	unsigned count;     /* then so many are hit; 0: all */
	int status;
	int64_t wait_us; /* STATUS, DONE_THEN: the time that is named, 0: none */
	const char *body;
	bool is_foreign;
	/* kept by the transport */
	unsigned seen;
};

/* One request that was started. */
struct scripted_record {
	rh_time at; /* steady */
	char *method;
	char *path; /* with origin if it named one; SQL: the statement */
	char *body; /* NULL: none */
	char *key;  /* NULL: the request asked for none */
	char *idempotency;
	bool is_writing;
	unsigned buckets;
	unsigned in_flight; /* with this one */
	bool was_hit;       /* by a rule */
};

struct scripted_flight;

struct scripted {
	struct rh_transport face; /* hand &face to the engine */
	struct rh_clock_manual clock;
	scripted_play_fn *play;
	void *context;
	int64_t latency_us;
	struct scripted_rule rules[16];
	size_t rule_count;
	unsigned room;    /* in flight at once; 0: any number */
	bool says_date;   /* answers carry the provider's clock */
	int64_t date_off; /* of that clock from ours */
	int wait_code;    /* what wait returns; RH_OK */
	/* seen */
	struct scripted_record *records;
	size_t record_count;
	unsigned in_flight;
	unsigned peak;
	unsigned waits;
	bool is_freed;
	/* downloads: number n stands at [n - 1] */
	struct rh_buf *downloads;
	size_t download_count;
	struct scripted_flight *flying; /* by due time */
	struct scripted_flight *delivered;
};

#define SCRIPTED_START INT64_C(1800000000000000) /* 2027-01-15, where the clock starts */
#define SCRIPTED_LATENCY (20 * RH_MILLISECOND)

void scripted_init(struct scripted *scripted, scripted_play_fn *play, void *context);
/* After the engine is freed. */
void scripted_done(struct scripted *scripted);
void scripted_add(struct scripted *scripted, struct scripted_rule rule);
/* Started requests whose method and beginning of path fit; NULL fits all. */
size_t scripted_count(const struct scripted *scripted, const char *method, const char *path);

/* The answer that a struct rh_response carries, in memory that ends exactly behind its NUL; free the body with
 * free(). */
char *scripted_body(struct rh_str text);

#endif
