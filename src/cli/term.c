/* SPDX-License-Identifier: Apache-2.0 */
/* Progress: nothing here knows what is done, only how far it is. */
#include "cli/term.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/print.h"
#include "config/options.h"

enum {
	WIDTH_DEFAULT = 80,
	WIDTH_MAX = 400,
	BAR_WIDTH = 24,
	LINE_MAX_LEN = 1024,
};

/* A line at least so often, however slowly it goes. */
#define LINE_EVERY (30 * RH_SECOND)
#define JSON_EVERY RH_SECOND

static bool is_plain_terminal(void)
{
	const char *name = rh_environment("TERM");

	return name == NULL || strcmp(name, "dumb") == 0;
}

bool rh_term_has_colour(FILE *stream)
{
	return isatty(fileno(stream)) == 1 && rh_environment("NO_COLOR") == NULL &&
	       !is_plain_terminal();
}

unsigned rh_term_width(FILE *stream)
{
	const char *columns = rh_environment("COLUMNS");
	struct winsize size = {0};
	uint64_t number;

	if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
		return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
	}
	if (columns != NULL && rh_str_to_u64(rh_str_from(columns), &number) && number >= 20 &&
	    number <= WIDTH_MAX) {
		return (unsigned)number;
	}
	return WIDTH_DEFAULT;
}

void rh_term_init(struct rh_term *term, enum rh_progress_form form, FILE *out,
		  struct rh_clock *clock, unsigned width)
{
	*term = (struct rh_term){
		.form = form,
		.out = out,
		.clock = clock,
		.width = width > 0 ? width : rh_term_width(out),
	};
	if (form == RH_PROGRESS_AUTO) {
		bool has_bar = isatty(fileno(out)) == 1 && !is_plain_terminal();

		term->form = has_bar ? RH_PROGRESS_BAR : RH_PROGRESS_LINES;
	}
}

static const char *phase_text(enum rh_phase phase)
{
	switch (phase) {
	case RH_PHASE_READ:
		return "reading";
	case RH_PHASE_SURVEY:
		return "asking the target";
	case RH_PHASE_APPLY:
		return "applying";
	case RH_PHASE_VERIFY:
		return "verifying";
	case RH_PHASE_UNDO:
		return "undoing";
	case RH_PHASE_CANARY:
		return "finding canaries";
	case RH_PHASE_HARVEST:
		return "reading the source";
	case RH_PHASE_ENTITIES:
		return "organizations, memberships";
	}
	return "";
}

static const char *phase_name(enum rh_phase phase)
{
	switch (phase) {
	case RH_PHASE_READ:
		return "read";
	case RH_PHASE_SURVEY:
		return "survey";
	case RH_PHASE_APPLY:
		return "apply";
	case RH_PHASE_VERIFY:
		return "verify";
	case RH_PHASE_UNDO:
		return "undo";
	case RH_PHASE_CANARY:
		return "canary";
	case RH_PHASE_HARVEST:
		return "harvest";
	case RH_PHASE_ENTITIES:
		return "entities";
	}
	return "";
}

/* Tenths (of 10: 0..10) or hundredths of the way; nothing to do is the whole way. */
static unsigned part_done(const struct rh_progress *progress, unsigned whole)
{
	if (progress->done >= progress->total) {
		return whole;
	}
	return (unsigned)((double)progress->done / (double)progress->total * whole);
}

/* "45 %  450 of 1,000  49.5/s  2 min left" */
static void add_figures(struct rh_buf *line, const struct rh_progress *progress)
{
	char left[32];

	if (progress->total > 0) {
		rh_buf_printf(line, "%3u %%  ", part_done(progress, 100));
		rh_print_add_count(line, progress->done);
		rh_buf_add_cstr(line, " of ");
		rh_print_add_count(line, progress->total);
	} else {
		rh_print_add_count(line, progress->done);
	}
	if (progress->rate >= 1000) {
		rh_buf_add_cstr(line, "  ");
		rh_print_add_count(line, (uint64_t)progress->rate);
		rh_buf_add_cstr(line, "/s");
	} else if (progress->rate > 0) {
		rh_buf_printf(line, "  %.1f/s", progress->rate);
	}
	if (progress->left_us >= 0 && progress->done < progress->total) {
		rh_duration_format(progress->left_us, left);
		rh_buf_printf(line, "  %s left", left);
	}
}

static void add_bar(struct rh_buf *line, const struct rh_progress *progress)
{
	unsigned full = part_done(progress, BAR_WIDTH);

	rh_buf_add_char(line, '[');
	for (unsigned i = 0; i < BAR_WIDTH; i++) {
		rh_buf_add_char(line, i < full ? '#' : '.');
	}
	rh_buf_add_cstr(line, "] ");
}

static void show_bar(struct rh_term *term, const struct rh_progress *progress)
{
	rh_autobuf line = {0};

	rh_buf_init(&line, LINE_MAX_LEN);
	rh_buf_printf(&line, "%-17s ", phase_text(progress->phase));
	if (progress->total > 0 && term->width >= BAR_WIDTH + 56) {
		add_bar(&line, progress);
	}
	add_figures(&line, progress);
	/* One column stays free: a full last column would wrap. */
	struct rh_str text = rh_str_clip(rh_buf_str(&line), term->width - 1);
	(void)fprintf(term->out, "\r\033[K%.*s", RH_STR_ARG(text)); /* progress may get lost */
	(void)fflush(term->out);
	term->has_bar = true;
}

static void show_line(struct rh_term *term, const struct rh_progress *progress)
{
	rh_autobuf line = {0};

	rh_buf_init(&line, LINE_MAX_LEN);
	rh_buf_printf(&line, "%s: ", phase_text(progress->phase));
	add_figures(&line, progress);
	/* Progress that cannot be written is no reason to stop. */
	(void)fprintf(term->out, "%.*s\n", RH_STR_ARG(rh_buf_str(&line)));
	(void)fflush(term->out);
}

static void show_json(struct rh_term *term, const struct rh_progress *progress)
{
	rh_autobuf line = {0};
	struct rh_json_writer json;
	char rate[64];

	rh_buf_init(&line, LINE_MAX_LEN);
	rh_json_writer_init(&json, &line);
	rh_json_begin_object(&json);
	rh_json_member(&json, "event", RH_STR("progress"));
	rh_json_member(&json, "phase", rh_str_from(phase_name(progress->phase)));
	rh_json_key(&json, "done");
	rh_json_put_u64(&json, progress->done);
	if (progress->total > 0) {
		rh_json_key(&json, "total");
		rh_json_put_u64(&json, progress->total);
	}
	(void)snprintf(rate, sizeof(rate), "%.1f", progress->rate); /* fits any rate there is */
	rh_json_key(&json, "rate");
	rh_json_put_raw(&json, rh_str_from(rate));
	if (progress->left_us >= 0) {
		rh_json_key(&json, "left_ms");
		rh_json_put_i64(&json, progress->left_us / RH_MILLISECOND);
	}
	rh_json_member(&json, "notice", rh_str_from(progress->notice));
	rh_json_end_object(&json);
	(void)fprintf(term->out, "%.*s\n", RH_STR_ARG(rh_buf_str(&line))); /* as above */
	(void)fflush(term->out);
}

/* Each wait is told when it begins, and once when something is done again: between two attempts of one wait there
 * is no notice, and no news either. */
static void show_notice(struct rh_term *term, const struct rh_progress *progress)
{
	char text[sizeof(term->notice)];
	bool has_notice = progress->notice != NULL;

	if (!has_notice && (term->notice[0] == '\0' || progress->done <= term->notice_done)) {
		return;
	}
	/* The text is the caller's only for now; cut short it still tells. */
	(void)snprintf(text, sizeof(text), "%s", has_notice ? progress->notice : "");
	term->notice_done = progress->done;
	if (strcmp(text, term->notice) == 0) {
		return;
	}
	memcpy(term->notice, text, sizeof(text));
	rh_term_finish(term);
	(void)fprintf(term->out, "%s\n", has_notice ? text : "it goes on"); /* as above */
	(void)fflush(term->out);
}

/* Is it time for another line?  And if so, it is the last one from now on. */
static bool is_due(struct rh_term *term, const struct rh_progress *progress, bool is_new_phase,
		   int64_t every)
{
	rh_time now = term->clock->steady(term->clock);
	unsigned tenths = progress->total > 0 ? part_done(progress, 10) : 0;
	bool is_further = term->form == RH_PROGRESS_LINES && tenths > term->shown_tenths;
	bool is_end = progress->total > 0 && progress->done == progress->total &&
		      term->shown_done != progress->done;

	if (is_new_phase) {
		/* The first line of a phase tells that it began; lines of tenths wait for the first. */
		is_further = term->form == RH_PROGRESS_JSON || tenths > 0;
		term->shown_at = now;
		term->shown_tenths = 0;
	}
	if (!is_further && !is_end && now - term->shown_at < every) {
		return false;
	}
	term->shown_at = now;
	term->shown_tenths = tenths;
	term->shown_done = progress->done;
	return true;
}

void rh_term_progress(void *context, const struct rh_progress *progress)
{
	struct rh_term *term = context;
	bool is_new_phase = !term->has_phase || term->phase != progress->phase;

	if (is_new_phase) {
		rh_term_finish(term);
		term->shown_done = UINT64_MAX;
	}
	term->has_phase = true;
	term->phase = progress->phase;
	switch (term->form) {
	case RH_PROGRESS_AUTO:
	case RH_PROGRESS_NONE:
		break;
	case RH_PROGRESS_BAR:
		show_notice(term, progress);
		show_bar(term, progress);
		break;
	case RH_PROGRESS_LINES:
		show_notice(term, progress);
		if (is_due(term, progress, is_new_phase, LINE_EVERY)) {
			show_line(term, progress);
		}
		break;
	case RH_PROGRESS_JSON:
		if (is_due(term, progress, is_new_phase, JSON_EVERY)) {
			show_json(term, progress);
		}
		break;
	}
}

void rh_term_finish(struct rh_term *term)
{
	if (term->has_bar) {
		(void)fputc('\n', term->out); /* as above */
		(void)fflush(term->out);
		term->has_bar = false;
	}
}
