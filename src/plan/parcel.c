/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: a head with streaks and marks, then the records behind each other, each with its texts, keys and findings. */
#include "plan/parcel.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"

#define STREAKS_MAX 32
/* A stretch, what is read behind it, and what its borders cut. */
#define MARKS_MAX 48
#define TEXTS (1 + RH_LOOKUPS)
#define ABSENT UINT32_MAX

struct streak {
	uint64_t start;
	struct rh_parcel_end end;
	uint64_t records;
	uint64_t at; /* of the first one, in the parcel */
};

struct head {
	uint64_t streak_count;
	uint64_t chunk;
	uint64_t mark_count;
	struct streak streaks[STREAKS_MAX];
	uint8_t marks[MARKS_MAX][RH_MARK_LEN];
};

struct record {
	int64_t at;
	uint32_t text_len[TEXTS]; /* source id, and the candidate's */
	uint32_t key_count;
	uint32_t flags;
	uint32_t finding_count;
	uint32_t extras;
};

struct finding {
	uint16_t code;
	uint8_t note_len;
	uint8_t path_len;
};

static_assert(RH_COLLECT_NOTE_MAX <= UINT8_MAX && RH_COLLECT_PATH_MAX <= UINT8_MAX,
	      "their lengths fit in a byte");

static struct head *head_of(const struct rh_parcel *parcel)
{
	return (struct head *)(void *)parcel->bytes; /* at the start of a page */
}

void rh_parcel_init(struct rh_parcel *parcel, uint8_t *bytes, size_t room)
{
	*parcel = (struct rh_parcel){
		.bytes = bytes,
		.room = room,
		.used = sizeof(struct head),
		.open = sizeof(struct head),
	};
	head_of(parcel)->streak_count = 0;
}

bool rh_parcel_has_room(const struct rh_parcel *parcel)
{
	return !parcel->is_full && head_of(parcel)->streak_count < STREAKS_MAX;
}

void rh_parcel_begin_streak(struct rh_parcel *parcel, uint64_t start)
{
	struct head *head = head_of(parcel);

	head->streaks[head->streak_count++] = (struct streak){
		.start = start,
		.end.offset = start,
		.at = parcel->used,
	};
}

/* ---- records ------------------------------------------------------------------------------------------------- */

static void put(struct rh_parcel *parcel, const void *bytes, size_t len)
{
	if (len > 0 && len <= parcel->room - parcel->open) {
		memcpy(parcel->bytes + parcel->open, bytes, len);
		parcel->open += len;
	} else if (len > 0) {
		parcel->open = parcel->room; /* nothing more goes in */
		parcel->is_full = true;
	}
}

static void put_finding(struct rh_parcel *parcel, const struct rh_collected *item)
{
	const struct finding finding = {
		.code = (uint16_t)item->code,
		.note_len = (uint8_t)strlen(item->note),
		.path_len = (uint8_t)strlen(item->path),
	};

	put(parcel, &finding, sizeof(finding));
	put(parcel, item->note, finding.note_len);
	put(parcel, item->path, finding.path_len);
}

bool rh_parcel_add(struct rh_parcel *parcel, const struct rh_judged *judged,
		   const struct rh_collector *collector)
{
	struct rh_str texts[TEXTS] = {judged->source_id};
	struct record record = {
		.at = judged->at,
		.key_count = (uint32_t)judged->key_count,
		.flags = judged->flags,
		.finding_count = (uint32_t)collector->count,
		.extras = judged->extras,
	};

	memcpy(&texts[1], judged->candidate.by, sizeof(judged->candidate.by));
	for (size_t i = 0; i < TEXTS; i++) {
		record.text_len[i] = texts[i].ptr != NULL ? (uint32_t)texts[i].len : ABSENT;
	}
	parcel->open = parcel->used;
	put(parcel, &record, sizeof(record));
	for (size_t i = 0; i < TEXTS; i++) {
		put(parcel, texts[i].ptr, texts[i].ptr != NULL ? texts[i].len : 0);
	}
	put(parcel, judged->keys, judged->key_count * sizeof(judged->keys[0]));
	for (size_t i = 0; i < collector->count; i++) {
		put_finding(parcel, &collector->items[i]);
	}
	return !parcel->is_full;
}

void rh_parcel_keep(struct rh_parcel *parcel, const struct rh_parcel_end *end)
{
	struct head *head = head_of(parcel);
	struct streak *streak = &head->streaks[head->streak_count - 1];

	parcel->used = parcel->open;
	streak->records++;
	streak->end = *end;
}

uint64_t rh_parcel_end_streak(struct rh_parcel *parcel)
{
	struct head *head = head_of(parcel);
	const struct streak *streak = &head->streaks[head->streak_count - 1];

	parcel->open = parcel->used;
	if (streak->records == 0) {
		head->streak_count--;
	}
	return streak->end.offset;
}

void rh_parcel_finish(struct rh_parcel *parcel, uint64_t chunk, const uint8_t (*marks)[RH_MARK_LEN],
		      size_t count)
{
	struct head *head = head_of(parcel);

	head->chunk = chunk;
	head->mark_count = count < MARKS_MAX ? count : MARKS_MAX;
	if (head->mark_count > 0) {
		memcpy(head->marks, marks, head->mark_count * sizeof(*marks));
	}
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

bool rh_parcel_streak_at(const uint8_t *bytes, size_t index, struct rh_parcel_streak *out)
{
	const struct head *head = (const struct head *)(const void *)bytes;
	const struct streak *streak;
	uint64_t last;

	if (index >= head->streak_count) {
		return false;
	}
	streak = &head->streaks[index];
	last = streak->end.offset / RH_READ_CHUNK; /* the byte behind the streak was read, too */
	*out = (struct rh_parcel_streak){
		.start = streak->start,
		.end = streak->end,
		.records = streak->records,
		.records_at = bytes + streak->at,
		.chunk = head->chunk,
		.marks = head->marks,
		.mark_count = (size_t)(last + 1 - head->chunk),
	};
	return out->mark_count <= head->mark_count;
}

static const uint8_t *get(const uint8_t *at, void *out, size_t len)
{
	memcpy(out, at, len);
	return at + len;
}

static struct rh_str text_at(const uint8_t **at, uint32_t len)
{
	struct rh_str text = RH_STR_ABSENT;

	if (len != ABSENT) {
		text = (struct rh_str){.ptr = (const char *)*at, .len = len};
		*at += len;
	}
	return text;
}

static const uint8_t *read_finding(const uint8_t *at, struct rh_collector *collector)
{
	struct finding finding;
	struct rh_finding found;

	at = get(at, &finding, sizeof(finding));
	found = (struct rh_finding){.code = (enum rh_finding_code)finding.code};
	found.note = text_at(&at, finding.note_len);
	found.path = text_at(&at, finding.path_len);
	collector->sink.add(&collector->sink, &found);
	return at;
}

const uint8_t *rh_parcel_read(const uint8_t *at, struct rh_judged *out,
			      struct rh_collector *collector, struct rh_arena *arena)
{
	struct record record;
	struct rh_key *keys;

	at = get(at, &record, sizeof(record));
	out->at = record.at;
	out->flags = record.flags;
	out->extras = record.extras;
	out->source_id = text_at(&at, record.text_len[0]);
	for (size_t i = 0; i < RH_LOOKUPS; i++) {
		out->candidate.by[i] = text_at(&at, record.text_len[1 + i]);
	}
	out->key_count = record.key_count;
	rh_arena_reset(arena);
	keys = rh_arena_alloc(arena, (record.key_count + 1) * sizeof(*keys));
	if (keys == NULL) {
		return NULL;
	}
	at = get(at, keys, record.key_count * sizeof(*keys));
	out->keys = keys;
	for (uint32_t i = 0; i < record.finding_count; i++) {
		at = read_finding(at, collector);
	}
	return at;
}
