/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan knows of the target's settings, and whether there is room for those to be created. */
#include "base/str.h"
#include "cli/figures.h"
#include "cli/page.h"
#include "cli/print.h"
#include "cli/term.h"

/* By enum rh_settings_asked: a word and a sentence. */
static const struct {
	const char *name;
	const char *text;
} states[] = {
	[RH_SETTINGS_NONE] = {"none", NULL},
	[RH_SETTINGS_UNASKED] = {"unasked",
				 "the target's settings were not asked: nobody knows what "
				 "they would refuse or leave out"},
	[RH_SETTINGS_UNREAD] = {"unread",
				"the target's settings could not be read: nobody knows what "
				"they would refuse or leave out"},
	[RH_SETTINGS_READ] = {"read", "the target's settings were read"},
};

static size_t state_of(const struct rh_plan_counts *counts)
{
	return counts->settings < sizeof(states) / sizeof(states[0]) ? (size_t)counts->settings
								     : RH_SETTINGS_NONE;
}

/* Those that the plan has a finding about, with where they are switched. */
static void add_concerned(struct rh_cli *cli, struct rh_buf *page)
{
	struct rh_setting_line line;
	bool is_first = true;

	for (size_t i = 0; rh_migration_setting(cli->migration, i, &line); i++) {
		if (!line.is_concerned) {
			continue;
		}
		rh_buf_add_cstr(page, is_first ? "; findings are about\n" : "");
		is_first = false;
		rh_buf_printf(page, "  %-18s  %-9s  %s\n", line.name, line.stance,
			      line.is_social ? "social provider" : line.fix);
	}
	rh_buf_add_cstr(page, is_first ? "; no account is in their way\n" : "");
}

static void add_room(struct rh_cli *cli, const struct rh_plan_counts *counts, struct rh_buf *page)
{
	rh_autobuf text = {0};

	if (counts->accounts_max == 0) {
		return;
	}
	rh_buf_init(&text, 4096);
	rh_buf_add_cstr(&text, "the target holds at most ");
	rh_print_add_count(&text, counts->accounts_max);
	rh_buf_add_cstr(&text, " accounts, as far as is known; ");
	if (counts->knows_accounts == 0) {
		rh_buf_add_cstr(&text, "how many it holds was not asked");
	} else {
		rh_print_add_count(&text, counts->accounts_there);
		rh_buf_add_cstr(&text, counts->accounts_there == 1 ? " is there" : " are there");
	}
	if (counts->beyond > 0) {
		rh_buf_add_cstr(&text, ", and there is no room for ");
		rh_print_add_count(&text, counts->beyond);
		rh_buf_add_cstr(&text, " of those to be created: ");
		rh_print_add_count(&text, counts->create - counts->beyond);
		rh_buf_printf(&text, " fit. %s", rh_migration_accounts_todo(cli->migration));
	}
	rh_print_add_wrapped(page, text.len > 0 ? text.ptr : "", 0, rh_term_width(stdout));
}

void rh_page_add_settings(struct rh_cli *cli, const struct rh_plan_counts *counts,
			  struct rh_buf *page)
{
	size_t state = state_of(counts);

	if (states[state].text != NULL) {
		rh_buf_add_cstr(page, states[state].text);
		if (state == RH_SETTINGS_READ) {
			add_concerned(cli, page);
		} else {
			rh_buf_add_char(page, '\n');
		}
	}
	add_room(cli, counts, page);
}

static void put_number(struct rh_cli *cli, const char *name, bool is_known, uint64_t number)
{
	rh_json_key(&cli->json, name);
	if (is_known) {
		rh_json_put_u64(&cli->json, number);
	} else {
		rh_json_put_null(&cli->json);
	}
}

void rh_page_put_settings(struct rh_cli *cli, const struct rh_plan_counts *counts)
{
	struct rh_json_writer *json = &cli->json;
	struct rh_setting_line line;

	rh_json_key(json, "settings");
	rh_json_begin_object(json);
	rh_json_member(json, "state", rh_str_from(states[state_of(counts)].name));
	put_number(cli, "accountsMax", counts->accounts_max > 0, counts->accounts_max);
	put_number(cli, "accountsThere", counts->knows_accounts != 0, counts->accounts_there);
	put_number(cli, "beyond", counts->accounts_max > 0 && counts->knows_accounts != 0,
		   counts->beyond);
	rh_json_member(json, "todo",
		       rh_str_from(counts->beyond > 0 ? rh_migration_accounts_todo(cli->migration)
						      : ""));
	rh_json_key(json, "list");
	rh_json_begin_array(json);
	for (size_t i = 0; rh_migration_setting(cli->migration, i, &line); i++) {
		rh_json_begin_object(json);
		rh_json_member(json, "name", rh_str_from(line.name));
		rh_json_member(json, "stance", rh_str_from(line.stance));
		rh_json_key(json, "isSocial");
		rh_json_put_bool(json, line.is_social);
		rh_json_key(json, "isConcerned");
		rh_json_put_bool(json, line.is_concerned);
		rh_json_member(json, "fix", rh_str_from(line.fix));
		rh_json_end_object(json);
	}
	rh_json_end_array(json);
	rh_json_end_object(json);
}
