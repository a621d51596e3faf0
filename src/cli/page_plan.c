/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a plan: counts, findings by their groups, what records share, what it costs. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/figures.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "cli/print.h"

/* ---- findings --------------------------------------------------------------------------------------- */

static const char *severity_name(enum rh_severity severity)
{
	static const char *const names[] = {
		[RH_SEVERITY_INFO] = "info",
		[RH_SEVERITY_LOSS] = "loss",
		[RH_SEVERITY_REFUSE] = "refuse",
	};

	return names[severity];
}

static const char *severity_heading(enum rh_severity severity)
{
	static const char *const headings[] = {
		[RH_SEVERITY_INFO] = "worth knowing, nothing is lost",
		[RH_SEVERITY_LOSS] = "these move, but something of them does not",
		[RH_SEVERITY_REFUSE] = "these do not move as they are",
	};

	return headings[severity];
}

static void put_group(struct rh_cli *cli, const struct rh_finding_group *group)
{
	struct rh_json_writer *json = &cli->json;

	rh_json_begin_object(json);
	rh_json_member(json, "code", rh_str_from(group->info->id));
	rh_json_member(json, "name", rh_str_from(group->info->name));
	rh_json_member(json, "severity", rh_str_from(severity_name(group->info->severity)));
	if (group->note[0] != '\0') {
		rh_json_member(json, "note", rh_str_from(group->note));
	}
	rh_json_key(json, "count");
	rh_json_put_u64(json, group->count);
	rh_json_member(json, "what", rh_str_from(group->info->what));
	rh_json_member(json, "then", rh_str_from(group->info->then));
	rh_json_member(json, "todo", rh_str_from(group->info->todo));
	rh_json_key(json, "examples");
	rh_json_begin_array(json);
	for (size_t i = 0; i < 3 && group->examples[i] != NULL; i++) {
		rh_json_put_cstr(json, group->examples[i]);
	}
	rh_json_end_array(json);
	rh_json_end_object(json);
	rh_print_document_flush(cli);
}

/* ---- what records share -------------------------------------------------------------------------------- */

/* Groups that the page shows, and members of one; the document has them all. */
#define SHARED_GROUPS 5
#define SHARED_MEMBERS 3

struct shared {
	struct rh_cli *cli;
	struct rh_buf *page;
	uint64_t group; /* at hand; 0: none yet */
	uint64_t members;
};

static bool put_shared_line(void *context, const struct rh_shared_line *line)
{
	struct shared *shared = context;
	struct rh_json_writer *json = &shared->cli->json;

	if (line->group != shared->group) {
		if (shared->group != 0) {
			rh_json_end_array(json);
			rh_json_end_object(json);
			rh_print_document_flush(shared->cli);
		}
		shared->group = line->group;
		rh_json_begin_object(json);
		rh_json_member(json, "identifier", rh_str_from(line->identifier));
		rh_json_key(json, "isCarried");
		rh_json_put_bool(json, line->is_carried);
		rh_json_key(json, "members");
		rh_json_begin_array(json);
	}
	rh_json_begin_object(json);
	rh_json_member(json, "userId", rh_str_from(line->source_id));
	rh_print_put_where(json, line->state, line->input, line->record);
	rh_json_end_object(json);
	return shared->cli->written == 0 && !rh_cli_was_stopped();
}

static void put_shared(struct rh_cli *cli)
{
	struct shared shared = {.cli = cli};
	struct rh_err err = {0};

	rh_json_key(&cli->json, "shared");
	rh_json_begin_array(&cli->json);
	if (rh_migration_shared(cli->migration, put_shared_line, &shared, &err) != RH_OK) {
		rh_print_error(cli, &err);
	}
	if (shared.group != 0) {
		rh_json_end_array(&cli->json);
		rh_json_end_object(&cli->json);
	}
	rh_json_end_array(&cli->json);
}

static void end_members(const struct shared *shared)
{
	if (shared->members > SHARED_MEMBERS) {
		rh_buf_add_cstr(shared->page, " and ");
		rh_print_add_count(shared->page, shared->members - SHARED_MEMBERS);
		rh_buf_add_cstr(shared->page, " more");
	}
	if (shared->group != 0) {
		rh_buf_add_char(shared->page, '\n');
	}
}

static bool add_shared_line(void *context, const struct rh_shared_line *line)
{
	struct shared *shared = context;

	if (line->group != shared->group) {
		end_members(shared);
		shared->members = 0;
		shared->group = line->group;
		if (line->group > SHARED_GROUPS) {
			shared->group = 0;
			return false;
		}
		rh_buf_printf(shared->page, "  %-14s  ", line->identifier);
	}
	if (shared->members++ < SHARED_MEMBERS) {
		rh_buf_add_cstr(shared->page, shared->members > 1 ? ", " : "");
		rh_print_add_plain(shared->page, rh_str_from(line->source_id));
		rh_buf_printf(shared->page, " (%s)", line->state);
	}
	return !rh_cli_was_stopped();
}

static void add_shared(struct rh_cli *cli, uint64_t groups, struct rh_buf *page)
{
	struct shared shared = {.cli = cli, .page = page};

	if (groups == 0) {
		return;
	}
	rh_buf_add_cstr(page, "\nrecords that share an identifier: ");
	rh_print_add_count(page, groups);
	rh_buf_add_cstr(page, groups == 1 ? " group\n" : " groups\n");
	if (rh_migration_shared(cli->migration, add_shared_line, &shared, NULL) == RH_OK) {
		end_members(&shared);
	}
	if (groups > SHARED_GROUPS) {
		rh_buf_add_cstr(page, "  … and ");
		rh_print_add_count(page, groups - SHARED_GROUPS);
		rh_buf_add_cstr(page, " more; `rehome report --json` lists all of them\n");
	}
}

/* ---- plan ---------------------------------------------------------------------------------------------- */

/* How it was found out what stands at the target, as a word and as a sentence. */
static const struct presence {
	const char *name;
	const char *text;
} presences[] = {
	[RH_PRESENCE_UNASKED] = {"unasked",
				 "the target was not asked: nobody knows who stands there already"},
	[RH_PRESENCE_NOBODY] = {"nobody", "nobody is to be created: the target was not searched"},
	[RH_PRESENCE_EMPTY] = {"empty", "the target is empty"},
	[RH_PRESENCE_LISTED] = {"listed", "all accounts of the target were listed"},
	[RH_PRESENCE_LOOKED_UP] = {"looked-up", "the accounts were looked up at the target by "
						"external id and e-mail address"},
};

static const struct presence *presence_of(const struct rh_plan_counts *counts)
{
	return &presences[counts->presence < sizeof(presences) / sizeof(presences[0])
				  ? counts->presence
				  : RH_PRESENCE_UNASKED];
}

static void put_time(struct rh_cli *cli, const struct rh_plan_counts *counts)
{
	struct rh_json_writer *json = &cli->json;
	char end[RH_TIME_TEXT_SIZE];

	rh_json_key(json, "predictedMs");
	if (counts->predicted_us < 0) {
		rh_json_put_null(json);
		return;
	}
	rh_json_put_i64(json, counts->predicted_us / RH_MILLISECOND);
	rh_time_format(rh_clock_system()->now(rh_clock_system()) + counts->predicted_us, end);
	rh_json_member(json, "predictedEnd", rh_str_from(end));
}

static void put_plan(struct rh_cli *cli, int64_t revision, const struct rh_figure *figures,
		     size_t count, const struct rh_plan_counts *counts)
{
	struct rh_finding_group group;

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "plan");
	rh_json_begin_object(&cli->json);
	rh_json_key(&cli->json, "revision");
	rh_json_put_i64(&cli->json, revision);
	rh_figures_put(cli, figures, count);
	rh_json_member(&cli->json, "presence", rh_str_from(presence_of(counts)->name));
	put_time(cli, counts);
	rh_page_put_kinds(cli, counts);
	rh_json_end_object(&cli->json);
	rh_page_put_settings(cli, counts);
	rh_json_key(&cli->json, "findings");
	rh_json_begin_array(&cli->json);
	for (size_t i = 0; rh_migration_finding(cli->migration, i, &group); i++) {
		put_group(cli, &group);
	}
	rh_json_end_array(&cli->json);
	put_shared(cli);
}

/*
 *   RH0205        20  what is so (note); what happens.  What to do.  Such as:
 *                     id, id, id
 */
enum { NOTES_MAX = 12 }; /* kinds of one finding that a line names singly */
/* Who does not move has one paragraph a finding, whatever its kind. */
static bool is_joint(const struct rh_finding_info *info)
{
	return info->severity == RH_SEVERITY_REFUSE;
}

static void add_share(struct rh_buf *notes, uint64_t count)
{
	rh_buf_add_cstr(notes, ": ");
	rh_print_add_count(notes, count);
}

/* All groups of one code, from the first of them on: what they count together, and each by its note. */
static void add_notes(struct rh_cli *cli, size_t first, const struct rh_finding_group *group,
		      uint64_t *count, struct rh_buf *notes)
{
	struct rh_finding_group other;
	uint64_t before = 0; /* how many the note has that was written last */
	size_t named = 0;

	*count = 0;
	for (size_t i = first; rh_migration_finding(cli->migration, i, &other); i++) {
		if (i > first && !is_joint(group->info)) {
			break;
		}
		if (other.info != group->info) {
			continue;
		}
		*count += other.count;
		if (other.note[0] == '\0' || ++named > NOTES_MAX) {
			continue;
		}
		if (named > 1) {
			add_share(notes, before);
			rh_buf_add_cstr(notes, "; ");
		}
		rh_print_add_plain(notes, rh_str_from(other.note));
		before = other.count;
	}
	if (named > 1 || (named == 1 && before != *count)) { /* else it says so of all of them */
		add_share(notes, before);
	}
	rh_buf_add_cstr(notes, named > NOTES_MAX ? "; and more kinds, see --json" : "");
}

/* Up to `most` examples, of all groups of the code. */
static void add_examples(struct rh_cli *cli, size_t first, const struct rh_finding_info *info,
			 size_t most, struct rh_buf *text)
{
	struct rh_finding_group group;
	size_t shown = 0;

	for (size_t i = first;
	     (i == first || is_joint(info)) && rh_migration_finding(cli->migration, i, &group);
	     i++) {
		for (size_t k = 0;
		     group.info == info && k < 3 && group.examples[k] != NULL && shown < most;
		     k++) {
			rh_buf_add_cstr(text, shown++ > 0 ? ", " : " Such as: ");
			rh_print_add_plain(text, rh_str_from(group.examples[k]));
		}
	}
}

/* One paragraph for all groups of a code. */
static void add_group(struct rh_cli *cli, struct rh_buf *page, size_t index,
		      const struct rh_finding_group *group, unsigned width)
{
	const unsigned indent = 20;
	/* Who does not move is looked up one by one; elsewhere one example shows what is meant. */
	const size_t shown = group->info->severity == RH_SEVERITY_REFUSE ? 3 : 1;
	rh_autobuf text = {0};
	rh_autobuf notes = {0};
	rh_autobuf number = {0};
	uint64_t count;

	rh_buf_init(&notes, 8192);
	add_notes(cli, index, group, &count, &notes);
	rh_buf_init(&number, 64);
	rh_print_add_count(&number, count);
	rh_buf_printf(page, "  %s %9s  ", group->info->id, number.len > 0 ? number.ptr : "");
	rh_buf_init(&text, 16384);
	rh_buf_add_cstr(&text, group->info->what);
	if (notes.len > 0) {
		rh_buf_printf(&text, " (%.*s)", RH_STR_ARG(rh_buf_str(&notes)));
	}
	rh_buf_printf(&text, "; %s. %s", group->info->then, group->info->todo);
	add_examples(cli, index, group->info, shown, &text);
	rh_print_add_wrapped(page, text.len > 0 ? text.ptr : "", indent, width);
}

static bool was_told(struct rh_cli *cli, size_t index, const struct rh_finding_info *info)
{
	struct rh_finding_group group;

	for (size_t i = 0; i < index && rh_migration_finding(cli->migration, i, &group); i++) {
		if (group.info == info) {
			return true;
		}
	}
	return false;
}

static void add_findings(struct rh_cli *cli, struct rh_buf *page)
{
	static const char *const colours[] = {
		[RH_SEVERITY_INFO] = "\033[1m",
		[RH_SEVERITY_LOSS] = "\033[1;33m",
		[RH_SEVERITY_REFUSE] = "\033[1;31m",
	};
	bool has_colour = rh_term_has_colour(stdout);
	unsigned width = rh_term_width(stdout);
	struct rh_finding_group group;
	int severity = -1;

	for (size_t i = 0; rh_migration_finding(cli->migration, i, &group); i++) {
		if ((int)group.info->severity != severity) {
			severity = (int)group.info->severity;
			rh_buf_printf(page, "\n%s%s%s\n", has_colour ? colours[severity] : "",
				      severity_heading(group.info->severity),
				      has_colour ? "\033[0m" : "");
		}
		if (!is_joint(group.info) || !was_told(cli, i, group.info)) {
			add_group(cli, page, i, &group, width);
		}
	}
}

/* "Sat 28 Nov 21:47 CET" */
static void add_clock_time(struct rh_buf *page, rh_time at)
{
	const time_t seconds = (time_t)((at + RH_SECOND - 1) / RH_SECOND);
	struct tm local = {0};
	char text[64];

	if (localtime_r(&seconds, &local) != NULL &&
	    strftime(text, sizeof(text), "%a %d %b %H:%M %Z", &local) > 0) {
		rh_buf_add_cstr(page, text);
	}
}

/* What was read of a living source, and what it says of itself. */
static void add_source(struct rh_buf *page, const struct rh_plan_counts *counts)
{
	if (counts->source_reads == 0) {
		return;
	}
	rh_buf_add_cstr(page, "\nread from the source's API: ");
	rh_print_add_count(page, counts->source_records);
	rh_buf_add_cstr(page, counts->source_records == 1 ? " user, " : " users, ");
	rh_print_add_count(page, counts->source_reads);
	rh_buf_add_cstr(page, counts->source_reads == 1 ? " request" : " requests");
	if (counts->source_before != counts->source_after) {
		rh_buf_add_cstr(page, "; it counted ");
		rh_print_add_count(page, counts->source_before);
		rh_buf_add_cstr(page, " before and ");
		rh_print_add_count(page, counts->source_after);
		rh_buf_add_cstr(page, " behind: somebody is at work there");
	}
	rh_buf_add_char(page, '\n');
}

static void add_presence(struct rh_buf *page, const struct rh_plan_counts *counts)
{
	rh_buf_printf(page, "\n%s", presence_of(counts)->text);
	if (counts->reads > 0) {
		rh_buf_add_cstr(page, " (");
		rh_print_add_count(page, counts->reads);
		rh_buf_add_cstr(page, counts->reads == 1 ? " read, " : " reads, ");
		rh_print_add_count(page, counts->target_accounts);
		rh_buf_add_cstr(page, counts->target_accounts == 1 ? " account seen)"
								   : " accounts seen)");
	}
	rh_buf_add_char(page, '\n');
}

static void add_cost(struct rh_buf *page, const struct rh_plan_counts *counts)
{
	char predicted[32];

	rh_print_add_count(page, counts->writes);
	rh_buf_add_cstr(page, counts->writes == 1 ? " write is needed" : " writes are needed");
	if (counts->extras > 0) {
		rh_buf_add_cstr(page, " (");
		rh_print_add_count(page, counts->extras);
		rh_buf_add_cstr(page, " behind a create, for what it does not hold");
	}
	if (counts->again > 0) {
		rh_buf_add_cstr(page, counts->extras > 0 ? "; " : " (");
		rh_print_add_count(page, counts->again);
		rh_buf_add_cstr(page, " again, without what the settings refuse");
	}
	rh_buf_add_cstr(page, counts->extras + counts->again > 0 ? ")" : "");
	if (counts->writes > 0 && counts->predicted_us >= 0) {
		rh_duration_format(counts->predicted_us, predicted);
		rh_buf_printf(page, ", about %s at the target's pace\nbegun now, it is done by ",
			      predicted);
		add_clock_time(page,
			       rh_clock_system()->now(rh_clock_system()) + counts->predicted_us);
	}
	rh_buf_add_char(page, '\n');
}

/* RH09xx are about what stands beside people, which `accounts` does not list. */
static bool is_of_accounts(const struct rh_finding_group *group)
{
	return group->info->code < RH_FINDING_ENTITY_BROKEN && group->examples[0] != NULL;
}

static void add_whom(struct rh_cli *cli, struct rh_buf *page)
{
	struct rh_finding_group group;

	/* Some are about nobody in particular. */
	size_t i = 0;
	while (rh_migration_finding(cli->migration, i, &group) && !is_of_accounts(&group)) {
		i++;
	}
	if (rh_migration_finding(cli->migration, i, &group)) {
		rh_buf_add_cstr(page, "\nwhom a finding is about: ");
		rh_page_add_next(cli, (struct rh_next){.command = "accounts"}, page);
		rh_buf_printf(page, " --finding %s\n", group.info->id);
	}
}

static void add_pointer(struct rh_cli *cli, int64_t revision, struct rh_buf *page)
{
	struct rh_finding_group group;

	if (rh_migration_finding(cli->migration, 0, &group)) {
		rh_buf_printf(page, "\nfindings of plan %lld: ", (long long)revision);
		rh_page_add_next(cli, (struct rh_next){.command = "report"}, page);
		rh_buf_add_char(page, '\n');
	}
}

void rh_page_plan(struct rh_cli *cli, int64_t revision, const struct rh_plan_counts *counts,
		  bool was_shown)
{
	const struct rh_figure figures[] = {
		{"total", "accounts read", counts->total, true},
		{"create", "to be created", counts->create, true},
		{"withPassword", "  of them with their password hash", counts->with_password,
		 false},
		{"link", "at the target already, to be linked", counts->link, false},
		{"update", "at the target already, to be changed", counts->update, false},
		{"skip", "at the target already, skipped", counts->skip, false},
		{"done", "done by an earlier run", counts->done, false},
		{"leftOut", "left out, as asked", counts->left_out, false},
		{"blocked", RH_BLOCKED_TEXT, counts->blocked, false},
		{"refuse", "refused", counts->refuse, true},
		{"earlierRefuse", "refused in earlier inputs, not in this one, and not mended",
		 counts->earlier_refuse, false},
		{"earlierBlocked", "of earlier inputs: " RH_BLOCKED_TEXT, counts->earlier_blocked,
		 false},
		{"earlierOpen",
		 "never tried, and in the input of an earlier plan alone: plan that one again",
		 counts->earlier_open, false},
		{"existById", "found at the target by external id", counts->exist_by_id, false},
		{"existByEmail", "found at the target by e-mail address", counts->exist_by_email,
		 false},
		{"existByPhone", "found at the target by phone number", counts->exist_by_phone,
		 false},
		{"existByUsername", "found at the target by username", counts->exist_by_username,
		 false},
		{"sharedGroups", NULL, counts->shared, false},
		{"writes", NULL, counts->writes, false},
		{"writesBehindCreate", NULL, counts->extras, false},
		{"writesAgain", NULL, counts->again, false},
		{"reads", NULL, counts->reads, false},
		{"targetAccounts", NULL, counts->target_accounts, false},
		{"sourceReads", NULL, counts->source_reads, false},
		{"sourceRecords", NULL, counts->source_records, false},
		{"sourceRepeated", NULL, counts->source_repeated, false},
		{"sourceBefore", NULL, counts->source_before, false},
		{"sourceAfter", NULL, counts->source_after, false},
	};
	const size_t figure_count = sizeof(figures) / sizeof(figures[0]);
	rh_autobuf page = {0};

	if (cli->values.json) {
		put_plan(cli, revision, figures, figure_count, counts);
		return;
	}
	rh_buf_init(&page, RH_PAGE_MAX);
	rh_buf_printf(&page, "plan %lld\n", (long long)revision);
	rh_figures_add(&page, figures, figure_count);
	rh_page_add_kinds(&page, counts);
	if (was_shown) {
		add_pointer(cli, revision, &page);
	} else {
		add_findings(cli, &page);
		add_whom(cli, &page);
		add_shared(cli, counts->shared, &page);
	}
	add_source(&page, counts);
	add_presence(&page, counts);
	rh_page_add_settings(cli, counts, &page);
	add_cost(&page, counts);
	rh_page_print(cli, &page);
}
