/* SPDX-License-Identifier: Apache-2.0 */
/* What stands beside people, on the pages of a plan and of a run: a line for each kind. */
#include <rehome/entity.h>

#include "base/str.h"
#include "cli/figures.h"
#include "cli/page.h"
#include "cli/print.h"

static const struct {
	enum rh_kind kind;
	const char *one;
	const char *many;
} kinds[] = {
	{RH_KIND_PERMISSION, "permission", "permissions"},
	{RH_KIND_ROLE, "role", "roles"},
	{RH_KIND_ORGANIZATION, "organization", "organizations"},
	{RH_KIND_DOMAIN, "domain", "domains"},
	{RH_KIND_MEMBERSHIP, "membership", "memberships"},
	{RH_KIND_INVITATION, "invitation", "invitations"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define FIGURES_MAX 20

/* "      2,000  organizations: 1,990 to be created, 10 at the target already" */
static void add_line(struct rh_buf *page, size_t index, uint64_t total,
		     const struct rh_figure *figures, size_t count)
{
	rh_autobuf number = {0};
	bool has_any = false;

	rh_buf_init(&number, 64);
	rh_print_add_count(&number, total);
	rh_buf_printf(page, "%12s  %s", number.len > 0 ? number.ptr : "",
		      total == 1 ? kinds[index].one : kinds[index].many);
	for (size_t i = 0; i < count; i++) {
		if (figures[i].text == NULL || figures[i].count == 0) {
			continue;
		}
		rh_buf_add_cstr(page, has_any ? ", " : ": ");
		rh_print_add_count(page, figures[i].count);
		rh_buf_printf(page, " %s", figures[i].text);
		has_any = true;
	}
	rh_buf_add_char(page, '\n');
}

static void put_kind(struct rh_cli *cli, size_t index, const struct rh_figure *figures,
		     size_t count)
{
	rh_json_key(&cli->json, kinds[index].one);
	rh_json_begin_object(&cli->json);
	rh_figures_put(cli, figures, count);
	rh_json_end_object(&cli->json);
}

/* ---- a plan -------------------------------------------------------------------------------------- */

static size_t figures_of_plan(const struct rh_kind_plan *counts, struct rh_figure *out)
{
	const struct rh_figure figures[] = {
		{"total", NULL, counts->total, true},
		{"create", "to be created", counts->create, true},
		{"link", "at the target already, to be linked", counts->link, true},
		{"done", "done by an earlier run", counts->done, true},
		{"leftOut", "left out", counts->left_out, true},
		{"skip", "that the target has no place for", counts->skip, true},
		{"refuse", "refused", counts->refuse, true},
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		out[i] = figures[i];
	}
	return sizeof(figures) / sizeof(figures[0]);
}

void rh_page_add_kinds(struct rh_buf *page, const struct rh_plan_counts *counts)
{
	struct rh_figure figures[FIGURES_MAX];
	bool has_any = false;

	for (size_t i = 0; i < KINDS; i++) {
		const struct rh_kind_plan *kind = &counts->kinds[kinds[i].kind];

		if (kind->total == 0) {
			continue;
		}
		rh_buf_add_cstr(page, has_any ? "" : "beside them\n");
		has_any = true;
		add_line(page, i, kind->total, figures, figures_of_plan(kind, figures));
	}
}

void rh_page_put_kinds(struct rh_cli *cli, const struct rh_plan_counts *counts)
{
	struct rh_figure figures[FIGURES_MAX];

	rh_json_key(&cli->json, "kinds");
	rh_json_begin_object(&cli->json);
	for (size_t i = 0; i < KINDS; i++) {
		const struct rh_kind_plan *kind = &counts->kinds[kinds[i].kind];

		if (kind->total > 0) {
			put_kind(cli, i, figures, figures_of_plan(kind, figures));
		}
	}
	rh_json_end_object(&cli->json);
}

/* ---- a run ----------------------------------------------------------------------------------------- */

static bool is_told(const struct rh_kind_run *counts)
{
	return counts->total + counts->created + counts->linked + counts->undone > 0;
}

static size_t figures_of_run(const struct rh_kind_run *counts, bool is_undo, struct rh_figure *out)
{
	const struct rh_figure figures[] = {
		{"total", NULL, counts->total, true},
		{"created", is_undo ? "created, and still there" : "created", counts->created,
		 true},
		{"createdNow", NULL, counts->created_now, true},
		{"linked", "linked", counts->linked, true},
		{"linkedOther", "of them with other roles or fields, which stay",
		 counts->linked_other, true},
		{"leftOut", "left out", counts->left_out, true},
		{"skipped", "that the target has no place for", counts->skipped, true},
		{"refused", "refused by the plan", counts->refused, true},
		{"rejected", "refused by the target", counts->rejected, true},
		{"conflicts", "in conflict with what stands there", counts->conflicts, true},
		{"deferred", "put off", counts->deferred, true},
		{"unknown", "begun, not settled", counts->unknown, true},
		{"open", "not tried yet", counts->open, true},
		{"partial", "of them without a part", counts->partial, true},
		{"verified", "verified", counts->verified, true},
		{"differs", "not as written", counts->differs, true},
		{"missing", "not there any more", counts->missing, true},
		{"undoOpen", "being removed, not certain yet", counts->undo_open, true},
		{"undone", "removed again", counts->undone, true},
		{"kept", "kept", counts->kept, true},
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		out[i] = figures[i];
	}
	return sizeof(figures) / sizeof(figures[0]);
}

void rh_page_add_kinds_run(struct rh_buf *page, const struct rh_run_counts *counts, bool is_undo)
{
	struct rh_figure figures[FIGURES_MAX];
	bool has_any = false;

	for (size_t i = 0; i < KINDS; i++) {
		const struct rh_kind_run *kind = &counts->kinds[kinds[i].kind];

		if (!is_told(kind)) {
			continue;
		}
		rh_buf_add_cstr(page, has_any ? "" : "beside them\n");
		has_any = true;
		add_line(page, i, kind->total, figures, figures_of_run(kind, is_undo, figures));
		if (kind->is_denied) {
			rh_buf_printf(page,
				      "              the key may not create %s there: allow it, or "
				      "use --without %s\n",
				      kinds[i].many, kinds[i].one);
		}
	}
}

void rh_page_put_kinds_run(struct rh_cli *cli, const struct rh_run_counts *counts)
{
	struct rh_figure figures[FIGURES_MAX];

	rh_json_key(&cli->json, "kinds");
	rh_json_begin_object(&cli->json);
	for (size_t i = 0; i < KINDS; i++) {
		const struct rh_kind_run *kind = &counts->kinds[kinds[i].kind];

		if (is_told(kind)) {
			put_kind(cli, i, figures, figures_of_run(kind, false, figures));
		}
	}
	rh_json_end_object(&cli->json);
}
