/* SPDX-License-Identifier: Apache-2.0 */
/* Items of one size in one scratch, so that an ordinal tells where its item lies; texts in another. */
#include "plan/roster.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/workspace.h"

#define TAIL_MAX ((size_t)1 << 20)
#define ABSENT UINT32_MAX

struct stored {
	int64_t at;
	uint64_t record : 40;
	uint64_t extras : 16;
	uint64_t finding_count : 8;
	uint64_t text_at; /* of the id; the findings stand behind it */
	uint32_t text_len;
	uint32_t file : 20;
	uint32_t flags : 12;
};

int rh_roster_init(struct rh_roster *roster, const struct rh_workspace *workspace,
		   struct rh_err *err)
{
	char *path = NULL;
	int code = rh_workspace_file(workspace, "plans", "roster.tmp", &path, err);

	if (code != RH_OK ||
	    (code = rh_scratch_init(&roster->items, path, TAIL_MAX, err)) != RH_OK ||
	    (code = rh_workspace_file(workspace, "plans", "ids.tmp", &path, err)) != RH_OK) {
		return code;
	}
	return rh_scratch_init(&roster->texts, path, TAIL_MAX, err);
}

void rh_roster_done(struct rh_roster *roster)
{
	rh_scratch_done(&roster->items);
	rh_scratch_done(&roster->texts);
}

static int put(struct rh_roster *roster, const struct stored *stored, struct rh_err *err)
{
	roster->count++;
	return rh_scratch_add(&roster->items, stored, sizeof(*stored), err);
}

int rh_roster_add(struct rh_roster *roster, const struct rh_roster_item *item, struct rh_err *err)
{
	static const struct stored nobody = {.text_len = ABSENT};
	const struct stored stored = {
		.at = item->at,
		.record = item->record & 0xffffffffffU,
		.extras = item->extras & 0xffffU,
		.finding_count = item->finding_count & 0xffU,
		.text_at = rh_scratch_size(&roster->texts),
		.text_len = item->source_id.ptr != NULL ? (uint32_t)item->source_id.len : ABSENT,
		.file = item->file & 0xfffffU,
		.flags = item->flags & 0xfffU,
	};
	int code = RH_OK;

	while (code == RH_OK && roster->count + 1 < item->ordinal) {
		code = put(roster, &nobody, err);
	}
	if (code == RH_OK && stored.text_len != ABSENT) {
		code = rh_scratch_add(&roster->texts, item->source_id.ptr, item->source_id.len,
				      err);
	}
	if (code == RH_OK && item->finding_count > 0) {
		code = rh_scratch_add(&roster->texts, item->findings,
				      item->finding_count * sizeof(*item->findings), err);
	}
	return code == RH_OK ? put(roster, &stored, err) : code;
}

static uint64_t offset_of(uint64_t ordinal)
{
	return (ordinal - 1) * sizeof(struct stored);
}

int rh_roster_get(const struct rh_roster *roster, uint64_t ordinal, struct rh_arena *arena,
		  struct rh_roster_item *out, struct rh_err *err)
{
	struct stored stored;
	uint16_t *findings;
	char *text;
	uint64_t findings_at;
	int code =
		rh_scratch_read(&roster->items, offset_of(ordinal), &stored, sizeof(stored), err);

	if (code != RH_OK) {
		return code;
	}
	*out = (struct rh_roster_item){.ordinal = ordinal,
				       .record = stored.record,
				       .file = stored.file,
				       .flags = stored.flags,
				       .at = stored.at,
				       .extras = (unsigned)stored.extras,
				       .finding_count = stored.finding_count};
	findings = rh_arena_alloc(arena, sizeof(*findings) * (stored.finding_count + 1U));
	if (findings == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	out->findings = findings;
	findings_at = stored.text_at + (stored.text_len != ABSENT ? stored.text_len : 0);
	code = rh_scratch_read(&roster->texts, findings_at, findings,
			       stored.finding_count * sizeof(*findings), err);
	if (code != RH_OK || stored.text_len == ABSENT) {
		return code;
	}
	text = rh_arena_alloc(arena, (size_t)stored.text_len + 1);
	if (text == NULL) {
		return rh_err_set(err, RH_ENOMEM, "out of memory");
	}
	text[stored.text_len] = '\0';
	out->source_id = (struct rh_str){.ptr = text, .len = stored.text_len};
	return rh_scratch_read(&roster->texts, stored.text_at, text, stored.text_len, err);
}

int rh_roster_flags(const struct rh_roster *roster, uint64_t ordinal, unsigned *out,
		    struct rh_err *err)
{
	struct stored stored;
	int code =
		rh_scratch_read(&roster->items, offset_of(ordinal), &stored, sizeof(stored), err);

	*out = code == RH_OK ? stored.flags : 0;
	return code;
}

int rh_roster_set_flags(struct rh_roster *roster, uint64_t ordinal, unsigned flags,
			struct rh_err *err)
{
	struct stored stored;
	int code =
		rh_scratch_read(&roster->items, offset_of(ordinal), &stored, sizeof(stored), err);

	if (code != RH_OK) {
		return code;
	}
	stored.flags = flags & 0xfffU;
	return rh_scratch_change(&roster->items, offset_of(ordinal), &stored, sizeof(stored), err);
}
