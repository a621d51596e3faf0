/* SPDX-License-Identifier: Apache-2.0 */
/* Progress on standard error: a bar on a terminal, lines elsewhere, JSON lines for programs. */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdio.h>

#include <rehome/rehome.h>

struct rh_clock;

enum rh_progress_form { /* indexes of the choices of --progress */
			RH_PROGRESS_AUTO,
			RH_PROGRESS_BAR,
			RH_PROGRESS_LINES,
			RH_PROGRESS_JSON,
			RH_PROGRESS_NONE, /* --quiet */
};

struct rh_term {
	enum rh_progress_form form; /* never AUTO after rh_term_init */
	FILE *out;
	struct rh_clock *clock;
	unsigned width; /* columns */
	bool has_bar;   /* a bar stands on the last line */
	bool has_phase; /* something of `phase` was shown */
	enum rh_phase phase;
	rh_time shown_at;      /* steady time of the last line */
	unsigned shown_tenths; /* tenths of the way that the last line told */
	uint64_t shown_done;
	char notice[160];     /* of the wait that was told of; "": none */
	uint64_t notice_done; /* how far it was then */
};

/* Where it goes and in which form; width 0: asks the terminal. */
void rh_term_init(struct rh_term *term, enum rh_progress_form form, FILE *out,
		  struct rh_clock *clock, unsigned width);
/* A rh_progress_fn whose context is a struct rh_term. */
void rh_term_progress(void *context, const struct rh_progress *progress);
/* Ends the line of a bar, so that something else can be written. */
void rh_term_finish(struct rh_term *term);

/* May colours be used on this stream? */
bool rh_term_has_colour(FILE *stream);
/* Columns of the terminal behind the stream; 80 where nobody says. */
unsigned rh_term_width(FILE *stream);

#endif
