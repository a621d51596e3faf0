/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of plan, apply, status, verify and undo. */
#include "cli/page.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/migration.h"
#include "cli/next.h"
#include "cli/print.h"

#define PAGE_MAX (4U * 1024 * 1024)
#define BLOCKED_TEXT "at the target, blocked at the source since: they can still sign in there"

/* A line of a table of counts, and its name in the document. */
struct figure {
	const char *name; /* NULL: of the page alone */
	const char *text; /* NULL: of the document alone */
	uint64_t count;
	bool is_always; /* shown even when zero */
};

/* ---- sides ------------------------------------------------------------------------------------------ */

static void put_sides(struct rh_cli *cli, const struct rh_sides *sides)
{
	const struct {
		const char *name;
		const char *text;
	} members[] = {
		{"source", sides->source},           {"target", sides->target},
		{"environment", sides->environment}, {"tenant", sides->tenant},
		{"origin", sides->origin},           {"keyFrom", sides->key_from},
		{"workspace", sides->workspace},
	};

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "sides");
	rh_json_begin_object(&cli->json);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		rh_json_member(&cli->json, members[i].name, rh_str_from(members[i].text));
	}
	rh_json_end_object(&cli->json);
}

static const char *or_dash(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : "-";
}

int rh_page_sides(struct rh_cli *cli, bool is_needed)
{
	struct rh_sides sides = {0};
	struct rh_err err = {0};
	int code = rh_migration_sides(cli->migration, &sides, &err);

	if (code != RH_OK) {
		return is_needed ? rh_cli_fail(cli, code, &err) : RH_EXIT_DONE;
	}
	if (cli->values.json) {
		put_sides(cli, &sides);
		return RH_EXIT_DONE;
	}
	rh_print_note(cli,
		      "source     %s\n"
		      "target     %s, environment %s, tenant %s\n"
		      "           %s, key from %s\n"
		      "workspace  %s\n\n",
		      or_dash(sides.source_title), or_dash(sides.target_title),
		      or_dash(sides.environment), or_dash(sides.tenant), or_dash(sides.origin),
		      or_dash(sides.key_from), or_dash(sides.workspace));
	return RH_EXIT_DONE;
}

/* ---- counts ----------------------------------------------------------------------------------------- */

static void put_figures(struct rh_cli *cli, const struct figure *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (figures[i].name == NULL) {
			continue;
		}
		rh_json_key(&cli->json, figures[i].name);
		rh_json_put_u64(&cli->json, figures[i].count);
	}
}

static void add_figures(struct rh_buf *page, const struct figure *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		rh_autobuf number = {0};

		if (figures[i].text == NULL || (figures[i].count == 0 && !figures[i].is_always)) {
			continue;
		}
		rh_buf_init(&number, 64);
		rh_print_add_count(&number, figures[i].count);
		rh_buf_printf(page, "%12s  %s\n", number.len > 0 ? number.ptr : "",
			      figures[i].text);
	}
}

static void print_page(struct rh_cli *cli, const struct rh_buf *page)
{
	if (page->failed != 0) {
		rh_print(cli, "the page does not fit into memory\n");
	}
	rh_print_bytes(cli, rh_buf_str(page));
}

/* ---- plan ------------------------------------------------------------------------------------------- */

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
	rh_json_member(json, "state", rh_str_from(line->state));
	rh_json_member(json, "input", rh_str_from(line->input));
	rh_json_key(json, "row");
	rh_json_put_u64(json, line->record);
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

static void put_plan(struct rh_cli *cli, int64_t revision, const struct figure *figures,
		     size_t count, const struct rh_plan_counts *counts)
{
	struct rh_finding_group group;

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "plan");
	rh_json_begin_object(&cli->json);
	rh_json_key(&cli->json, "revision");
	rh_json_put_i64(&cli->json, revision);
	put_figures(cli, figures, count);
	rh_json_member(&cli->json, "presence", rh_str_from(presence_of(counts)->name));
	put_time(cli, counts);
	rh_json_end_object(&cli->json);
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

/* All groups of one code, from the first of them on: what they count together, and each by its note. */
static void add_notes(struct rh_cli *cli, size_t first, const struct rh_finding_group *group,
		      uint64_t *count, struct rh_buf *notes)
{
	struct rh_finding_group other;
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
		rh_buf_add_cstr(notes, notes->len > 0 ? "; " : "");
		rh_print_add_plain(notes, rh_str_from(other.note));
		if (other.count != group->count || other.note != group->note) {
			rh_buf_add_cstr(notes, ": ");
			rh_print_add_count(notes, other.count);
		}
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
	if (counts->writes > 0 && counts->predicted_us >= 0) {
		rh_duration_format(counts->predicted_us, predicted);
		rh_buf_printf(page, ", about %s at the target's pace\nbegun now, it is done by ",
			      predicted);
		add_clock_time(page,
			       rh_clock_system()->now(rh_clock_system()) + counts->predicted_us);
	}
	rh_buf_add_char(page, '\n');
}

/* "rehome COMMAND …", with the workspace at hand. */
static void add_next(struct rh_cli *cli, struct rh_next next, struct rh_buf *line)
{
	struct rh_sides sides = {0};

	next.workspace = rh_migration_sides(cli->migration, &sides, NULL) == RH_OK
				 ? sides.workspace
				 : rh_cli_workspace(cli);
	rh_next_add(cli, &next, line);
}

static void add_whom(struct rh_cli *cli, struct rh_buf *page)
{
	struct rh_finding_group group;

	if (rh_migration_finding(cli->migration, 0, &group)) {
		rh_buf_add_cstr(page, "\nwhom a finding is about: ");
		add_next(cli, (struct rh_next){.command = "accounts"}, page);
		rh_buf_printf(page, " --finding %s\n", group.info->id);
	}
}

static void add_pointer(struct rh_cli *cli, int64_t revision, struct rh_buf *page)
{
	struct rh_finding_group group;

	if (rh_migration_finding(cli->migration, 0, &group)) {
		rh_buf_printf(page, "\nfindings of plan %lld: ", (long long)revision);
		add_next(cli, (struct rh_next){.command = "report"}, page);
		rh_buf_add_char(page, '\n');
	}
}

void rh_page_plan(struct rh_cli *cli, int64_t revision, const struct rh_plan_counts *counts,
		  bool was_shown)
{
	const struct figure figures[] = {
		{"total", "accounts read", counts->total, true},
		{"create", "to be created", counts->create, true},
		{"withPassword", "  of them with their password hash", counts->with_password,
		 false},
		{"link", "at the target already, to be linked", counts->link, false},
		{"update", "at the target already, to be changed", counts->update, false},
		{"skip", "at the target already, skipped", counts->skip, false},
		{"done", "done by an earlier run", counts->done, false},
		{"leftOut", "left out, as asked", counts->left_out, false},
		{"blocked", BLOCKED_TEXT, counts->blocked, false},
		{"refuse", "refused", counts->refuse, true},
		{"earlierRefuse", "refused in earlier inputs, not in this one, and not mended",
		 counts->earlier_refuse, false},
		{"earlierBlocked", "of earlier inputs: " BLOCKED_TEXT, counts->earlier_blocked,
		 false},
		{"earlierOpen",
		 "never tried, and in the input of an earlier plan alone: plan that one again",
		 counts->earlier_open, false},
		{"existById", "found at the target by external id", counts->exist_by_id, false},
		{"existByEmail", "found at the target by e-mail address", counts->exist_by_email,
		 false},
		{"sharedGroups", NULL, counts->shared, false},
		{"writes", NULL, counts->writes, false},
		{"reads", NULL, counts->reads, false},
		{"targetAccounts", NULL, counts->target_accounts, false},
	};
	const size_t figure_count = sizeof(figures) / sizeof(figures[0]);
	rh_autobuf page = {0};

	if (cli->values.json) {
		put_plan(cli, revision, figures, figure_count, counts);
		return;
	}
	rh_buf_init(&page, PAGE_MAX);
	rh_buf_printf(&page, "plan %lld\n", (long long)revision);
	add_figures(&page, figures, figure_count);
	if (was_shown) {
		add_pointer(cli, revision, &page);
	} else {
		add_findings(cli, &page);
		add_whom(cli, &page);
		add_shared(cli, counts->shared, &page);
	}
	add_presence(&page, counts);
	add_cost(&page, counts);
	print_page(cli, &page);
}

/* ---- runs ------------------------------------------------------------------------------------------- */

static void add_run_cost(struct rh_buf *page, const struct rh_run_counts *counts)
{
	char elapsed[32];

	if (counts->writes + counts->reads == 0 && counts->elapsed_us == 0) {
		return;
	}
	rh_duration_format(counts->elapsed_us, elapsed);
	rh_print_add_count(page, counts->writes);
	rh_buf_add_cstr(page, counts->writes == 1 ? " write, " : " writes, ");
	rh_print_add_count(page, counts->reads);
	rh_buf_printf(page, counts->reads == 1 ? " read, %s" : " reads, %s", elapsed);
	if (counts->throttled > 0) {
		rh_buf_add_cstr(page, ", asked to slow down ");
		rh_print_add_count(page, counts->throttled);
		rh_buf_add_cstr(page, counts->throttled == 1 ? " time" : " times");
	}
	rh_buf_add_char(page, '\n');
}

/* Everybody, each in one line: the lines add up to the first. */
static void add_everybody(struct rh_cli *cli, const struct rh_run_counts *counts, bool is_undo,
			  struct rh_buf *page)
{
	const struct rh_everybody *everybody = &counts->everybody;
	const struct figure figures[] = {
		{"total",
		 is_undo                             ? "accounts written, or linked, before"
		 : everybody->total != counts->total ? "accounts, those in earlier inputs alone "
						       "with them"
						     : "accounts in the plan",
		 everybody->total, !is_undo},
		{"created", is_undo ? "created, and still there" : "created", everybody->created,
		 !is_undo},
		{NULL, "  of them by this run", counts->created_now, false},
		{"linked", "linked", everybody->linked, false},
		{"skipped", "at the target already, skipped", everybody->skipped, false},
		{"leftOut", "left out, as asked", everybody->left_out, false},
		{"refused", "refused by the plan", everybody->refused, false},
		{"rejected", "refused by the target", everybody->rejected, false},
		{"conflicts", "in conflict with what stands at the target", everybody->conflicts,
		 false},
		{"deferred", "put off, and not at the target: the next run sends them",
		 everybody->deferred, false},
		{NULL, "  held back: the first hash of their kind did not work", counts->held,
		 false},
		{"unknown",
		 "begun, not settled: whether they are there is looked up before anything is sent "
		 "again",
		 everybody->unknown, false},
		{"open", "not tried yet", everybody->open, false},
		{"waiting",
		 "never tried, and in the input of an earlier plan alone: plan that one again",
		 everybody->waiting, false},
		{"undoOpen", "being removed, not certain yet", everybody->undo_open, false},
		{"undone", "removed again", everybody->undone, is_undo},
		{"kept", "kept: not provably created here, or changed since", everybody->kept,
		 false},
	};
	const size_t figure_count = sizeof(figures) / sizeof(figures[0]);

	if (page != NULL) {
		add_figures(page, figures, figure_count);
		return;
	}
	rh_json_key(&cli->json, "everybody");
	rh_json_begin_object(&cli->json);
	put_figures(cli, figures, figure_count);
	rh_json_end_object(&cli->json);
}

static uint64_t beyond(uint64_t all, uint64_t everybody)
{
	return all > everybody ? all - everybody : 0;
}

/* What is to be said of some of them beside. */
static void add_some(const struct rh_run_counts *counts, bool is_undo, struct rh_buf *page)
{
	const struct rh_everybody *everybody = &counts->everybody;
	const struct figure figures[] = {
		{NULL, is_undo ? "changed, and not put back" : "changed", counts->updated, false},
		{NULL, "changed by this run", counts->updated_now, false},
		{NULL, "not changed: the target refused it",
		 beyond(counts->rejected, everybody->rejected), false},
		{NULL, "not changed: in conflict with what stands at the target",
		 beyond(counts->conflicts, everybody->conflicts), false},
		{NULL, "not changed yet", beyond(counts->deferred, everybody->deferred), false},
		{NULL, "being changed, not settled", beyond(counts->unknown, everybody->unknown),
		 false},
		{NULL, "to be changed, or tried again", beyond(counts->open, everybody->open),
		 false},
		{NULL, "there by an earlier plan, and refused as the input has them now",
		 counts->refused_there, false},
		{NULL, BLOCKED_TEXT, counts->blocked, false},
		{NULL, "there, but without a part that the target refused", counts->partial, false},
		{NULL, "verified", counts->verified, false},
		{NULL, "there, but not as planned", counts->differs, false},
		{NULL, "not there any more", counts->missing, false},
		{NULL, "being put back, not certain yet",
		 beyond(counts->undo_open, everybody->undo_open), false},
		{NULL, "put back as they were before they were changed", counts->restored, false},
		{NULL, "changed before, and removed by somebody since: nothing to put back",
		 counts->gone, false},
		{NULL, "not put back: changed since, or refused by the target",
		 beyond(counts->kept, everybody->kept), false},
		{NULL, "known passwords that sign in at the target", counts->proved, false},
		{NULL, "known passwords that the target refuses", counts->unproved, false},
		{NULL, "known accounts of whom a sign-in said nothing", counts->untried, false},
	};
	rh_autobuf some = {0};

	rh_buf_init(&some, PAGE_MAX);
	add_figures(&some, figures, sizeof(figures) / sizeof(figures[0]));
	if (some.len > 0) {
		rh_buf_add_cstr(page, "of these\n");
		rh_buf_add_str(page, rh_buf_str(&some));
	}
}

static void put_run(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	const struct figure figures[] = {
		{"total", NULL, counts->total, true},
		{"created", NULL, counts->created, true},
		{"createdNow", NULL, counts->created_now, true},
		{"linked", NULL, counts->linked, true},
		{"updated", NULL, counts->updated, true},
		{"updatedNow", NULL, counts->updated_now, true},
		{"skipped", NULL, counts->skipped, true},
		{"leftOut", NULL, counts->left_out, true},
		{"blocked", NULL, counts->blocked, true},
		{"refused", NULL, counts->refused, true},
		{"refusedThere", NULL, counts->refused_there, true},
		{"rejected", NULL, counts->rejected, true},
		{"conflicts", NULL, counts->conflicts, true},
		{"partial", NULL, counts->partial, true},
		{"deferred", NULL, counts->deferred, true},
		{"unknown", NULL, counts->unknown, true},
		{"open", NULL, counts->open, true},
		{"verified", NULL, counts->verified, true},
		{"differs", NULL, counts->differs, true},
		{"missing", NULL, counts->missing, true},
		{"undoOpen", NULL, counts->undo_open, true},
		{"undone", NULL, counts->undone, true},
		{"restored", NULL, counts->restored, true},
		{"gone", NULL, counts->gone, true},
		{"held", NULL, counts->held, true},
		{"proved", NULL, counts->proved, true},
		{"unproved", NULL, counts->unproved, true},
		{"untried", NULL, counts->untried, true},
		{"kept", NULL, counts->kept, true},
		{"writes", NULL, counts->writes, true},
		{"reads", NULL, counts->reads, true},
		{"throttled", NULL, counts->throttled, true},
	};

	rh_print_document_begin(cli);
	rh_json_key(&cli->json, "run");
	rh_json_begin_object(&cli->json);
	put_figures(cli, figures, sizeof(figures) / sizeof(figures[0]));
	add_everybody(cli, counts, false, NULL);
	rh_json_key(&cli->json, "elapsedMs");
	rh_json_put_i64(&cli->json, counts->elapsed_us / RH_MILLISECOND);
	rh_json_end_object(&cli->json);
}

void rh_page_run(struct rh_cli *cli, const char *what, const struct rh_run_counts *counts)
{
	/* An undo looks at no plan, and counts what is left. */
	const bool is_undo = cli->command->run == rh_cmd_undo && counts->total == 0;
	rh_autobuf page = {0};

	if (cli->values.json) {
		put_run(cli, counts);
		return;
	}
	rh_buf_init(&page, PAGE_MAX);
	rh_buf_printf(&page, "%s\n", what);
	add_everybody(cli, counts, is_undo, &page);
	add_some(counts, is_undo, &page);
	add_run_cost(&page, counts);
	print_page(cli, &page);
}

/* No apply goes on with a plan in the form of an older version. */
static void add_plan_again(struct rh_cli *cli, bool chose, struct rh_buf *line)
{
	const char *path;

	rh_print_note(
		cli,
		"\nthe plan was made by an older version of rehome, and only a new one can be "
		"applied; nobody is\nmoved twice by it%s\n",
		chose ? ".  This plan left accounts out: give --only, --except, --limit or "
			"--resume-after\nagain, too"
		      : "");
	/* So that the sides are named also without a key. */
	if (rh_migration_set(cli->migration, "offline", "true", NULL) != RH_OK) {
		rh_buf_add_cstr(line, "rehome plan");
		return;
	}
	rh_next_add_plan(cli, line);
	for (size_t i = 0; (path = rh_migration_input(cli->migration, i)) != NULL; i++) {
		rh_next_add_input(path, line);
	}
}

void rh_page_next(struct rh_cli *cli, const char *label, const char *command, int64_t plan,
		  bool has_consent)
{
	struct rh_next next = {.command = command, .plan = plan, .has_consent = has_consent};
	rh_autobuf line = {0};
	bool chose = false;

	cli->has_next = true;
	rh_buf_init(&line, PAGE_MAX);
	if (strcmp(command, "apply") == 0 && plan > 0 &&
	    rh_migration_plan_is_older(cli->migration, &chose)) {
		add_plan_again(cli, chose, &line);
	} else {
		add_next(cli, next, &line);
	}
	if (line.failed != 0 && !cli->values.json) {
		rh_print(cli, "\n%s: give the same command again\n", label); /* out of memory */
	} else if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "next", rh_buf_str(&line));
	} else {
		rh_print(cli, "\n%s: %.*s\n", label, RH_STR_ARG(rh_buf_str(&line)));
	}
}

void rh_page_next_instead(struct rh_cli *cli, const char *label, const char *command,
			  const char *option)
{
	rh_autobuf line = {0};

	cli->has_next = true;
	rh_buf_init(&line, PAGE_MAX);
	add_next(cli, (struct rh_next){.command = command, .instead = option}, &line);
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "next", rh_buf_str(&line));
	} else {
		rh_print(cli, "\n%s: %.*s\n", label, RH_STR_ARG(rh_buf_str(&line)));
	}
}

const char *rh_page_pending(struct rh_cli *cli, const struct rh_run_counts *counts,
			    int64_t *plan_out)
{
	struct rh_plan_counts planned = {0};

	*plan_out = 0;
	if (counts->undo_open > 0) {
		return "undo";
	}
	if (counts->open + counts->unknown + counts->deferred > 0 &&
	    rh_migration_load_plan(cli->migration, 0, plan_out, &planned, NULL) == RH_OK) {
		return "apply";
	}
	return NULL;
}

/* Where an apply stands in the order of the source, for a resume by id. */
static void tell_settled(struct rh_cli *cli)
{
	const char *id = rh_migration_settled(cli->migration);
	rh_autobuf line = {0};

	if (id[0] == '\0') {
		return;
	}
	if (cli->values.json) {
		rh_print_document_begin(cli);
		rh_json_member(&cli->json, "settledId", rh_str_from(id));
		return;
	}
	rh_buf_init(&line, PAGE_MAX);
	rh_buf_add_cstr(&line, "nothing is open up to and with ");
	rh_print_add_plain(&line, rh_str_from(id));
	rh_buf_add_char(&line, '\n');
	rh_print_bytes(cli, rh_buf_str(&line));
}

int rh_page_end(struct rh_cli *cli, int code, const struct rh_err *err,
		const struct rh_run_counts *counts, const char *command, int64_t plan)
{
	uint64_t known =
		counts->total + counts->created + counts->undone + counts->undo_open + counts->kept;
	enum rh_exit exit_code = rh_run_exit(code, counts);
	bool may_go_on = exit_code == RH_EXIT_STOPPED || exit_code == RH_EXIT_DENIED ||
			 exit_code == RH_EXIT_INTERRUPTED;

	rh_term_finish(&cli->term);
	if (code != RH_OK) {
		(void)rh_cli_fail(cli, code, err); /* told; the code is the counts' */
	}
	if (code == RH_OK || known > 0) {
		rh_page_run(cli, cli->command->name, counts);
	}
	if (may_go_on) {
		tell_settled(cli);
		rh_page_next(cli, "to go on", command, plan, true);
	}
	return exit_code;
}
