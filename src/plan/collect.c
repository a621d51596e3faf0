/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of one account, and of all, grouped by cause. */
#include "plan/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

#define EXAMPLES 3
/* Some may be taken back. */
#define EXAMPLES_KEPT 8
#define EXAMPLE_MAX 128
/* Causes with a note: the table of findings times a closed set of notes. */
#define GROUPS_MAX 4096
/* Slots of their index: a power of two, never full. */
#define SLOTS (GROUPS_MAX * 4)
/* Groups that are found without it: a power of two. */
#define RECENT 1024

struct group {
	const struct rh_finding_info *info;
	char note[RH_COLLECT_NOTE_MAX];
	uint64_t count;
	size_t kept;
	char examples[EXAMPLES_KEPT][EXAMPLE_MAX];
};

struct rh_groups {
	struct group *items;
	size_t count;
	size_t room;
	uint16_t slots[SLOTS];   /* 1 + index of the item; 0: free */
	uint16_t recent[RECENT]; /* the same of what was found last with this cause; 0: none */
};

static void copy_text(char *out, size_t size, struct rh_str text)
{
	if (text.len >= size) {
		text = rh_str_clip(text, size - 1);
	}
	if (text.len > 0) {
		memcpy(out, text.ptr, text.len);
	}
	out[text.len] = '\0';
}

bool rh_collector_has(const struct rh_collector *collector, enum rh_finding_code code)
{
	for (size_t i = 0; i < collector->count; i++) {
		if (collector->items[i].code == code) {
			return true;
		}
	}
	return false;
}

/* Why there is no identifier, where what was found before says more. */
static struct rh_str note_of(const struct rh_collector *collector, const struct rh_finding *finding)
{
	if (finding->code != RH_FINDING_IDENTIFIER_MISSING) {
		return finding->note;
	}
	if (rh_collector_has(collector, RH_FINDING_EMAIL_INVALID)) {
		return RH_STR("an e-mail address is there, and is not valid: RH0201");
	}
	return rh_collector_has(collector, RH_FINDING_ONLY_IN_PARTIAL)
		       ? RH_STR("it stands only in the file that is joined: RH0107")
		       : finding->note;
}

static void collect(struct rh_finding_sink *sink, const struct rh_finding *finding)
{
	struct rh_collector *collector = (struct rh_collector *)sink;
	const struct rh_finding_info *info = rh_finding_info(finding->code);
	bool refuses = info != NULL && info->severity == RH_SEVERITY_REFUSE;
	struct rh_collected *item;

	if (collector->count == RH_COLLECT_ACCOUNT_MAX) {
		if (!refuses) {
			return;
		}
		collector->count--; /* a refusal decides: it takes the last place */
	}
	collector->may_refuse = collector->may_refuse || refuses;
	item = &collector->items[collector->count++];
	item->code = finding->code;
	copy_text(item->note, sizeof(item->note), note_of(collector, finding));
	copy_text(item->path, sizeof(item->path), finding->path);
}

void rh_collector_start(struct rh_collector *collector)
{
	collector->sink.add = collect;
	collector->count = 0;
	collector->may_refuse = false;
}

static bool is_refusal(const struct rh_collected *item)
{
	const struct rh_finding_info *info = rh_finding_info(item->code);

	return info != NULL && info->severity == RH_SEVERITY_REFUSE;
}

const struct rh_collected *rh_collector_refusal(const struct rh_collector *collector)
{
	for (size_t i = 0; i < collector->count && collector->may_refuse; i++) {
		if (is_refusal(&collector->items[i])) {
			return &collector->items[i];
		}
	}
	return NULL;
}

void rh_collector_drop(struct rh_collector *collector, enum rh_finding_code code)
{
	size_t kept = 0;

	for (size_t i = 0; i < collector->count; i++) {
		if (collector->items[i].code == code) {
			continue;
		}
		if (kept != i) {
			collector->items[kept] = collector->items[i];
		}
		kept++;
	}
	collector->count = kept;
}

void rh_collector_keep_one(struct rh_collector *collector, enum rh_finding_code code)
{
	struct rh_collected *one = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < collector->count; i++) {
		struct rh_collected *item = &collector->items[i];
		if (item->code == code && one != NULL) {
			if (one->note[0] == '\0') {
				*one = *item;
			}
			continue;
		}
		if (kept != i) {
			collector->items[kept] = *item;
		}
		if (item->code == code) {
			one = &collector->items[kept];
		}
		kept++;
	}
	collector->count = kept;
}

struct rh_groups *rh_groups_new(void)
{
	return rh_calloc(1, sizeof(struct rh_groups));
}

void rh_groups_free(struct rh_groups *groups)
{
	if (groups != NULL) {
		rh_free(groups->items);
		rh_free(groups);
	}
}

static bool is_group(const struct group *group, enum rh_finding_code code, const char *note)
{
	return group->info->code == code && strcmp(group->note, note) == 0;
}

/* The slot where the group is, or would be. */
static uint16_t *find_slot(struct rh_groups *groups, enum rh_finding_code code, const char *note)
{
	uint32_t hash = (uint32_t)code * 0x9e3779b1U;

	for (const char *at = note; *at != '\0'; at++) {
		hash = (hash ^ (uint8_t)*at) * 0x01000193U;
	}
	for (uint32_t slot = hash ^ hash >> 16;; slot++) {
		uint16_t *at = &groups->slots[slot % SLOTS];
		if (*at == 0) {
			return at;
		}
		if (is_group(&groups->items[*at - 1], code, note)) {
			return at;
		}
	}
}

static bool has_room(struct rh_groups *groups)
{
	size_t room = groups->room == 0 ? 32 : groups->room * 2;
	struct group *grown;

	if (groups->count < groups->room) {
		return true;
	}
	grown = rh_realloc(groups->items, room * sizeof(*grown));
	if (grown == NULL) {
		return false;
	}
	groups->items = grown;
	groups->room = room;
	return true;
}

static struct group *find_group(struct rh_groups *groups, enum rh_finding_code code,
				const char *note)
{
	/* Causes with two notes have two places, if the notes are not too much alike. */
	uint16_t *recent = &groups->recent[((uint32_t)code * 4 + (uint8_t)note[0]) % RECENT];
	struct group *group;
	uint16_t *slot;

	if (*recent != 0 && is_group(&groups->items[*recent - 1], code, note)) {
		return &groups->items[*recent - 1];
	}
	slot = find_slot(groups, code, note);
	if (*slot != 0) {
		*recent = *slot;
		return &groups->items[*slot - 1];
	}
	if (rh_finding_info(code) == NULL) {
		return NULL;
	}
	if (groups->count >= GROUPS_MAX && note[0] != '\0') {
		return find_group(groups, code, ""); /* too many notes: counted without */
	}
	if (!has_room(groups)) {
		return NULL;
	}
	group = &groups->items[groups->count++];
	*slot = (uint16_t)groups->count;
	*group = (struct group){.info = rh_finding_info(code)};
	copy_text(group->note, sizeof(group->note), rh_str_from(note));
	return group;
}

static void add_one(struct group *group, struct rh_str source_id)
{
	if (group->kept < EXAMPLES_KEPT && source_id.ptr != NULL) {
		copy_text(group->examples[group->kept++], EXAMPLE_MAX, source_id);
	}
	group->count++;
}

int rh_groups_add_one(struct rh_groups *groups, enum rh_finding_code code, const char *note,
		      struct rh_str source_id)
{
	struct group *group = find_group(groups, code, note);

	if (group == NULL) {
		return RH_ENOMEM;
	}
	add_one(group, source_id);
	return RH_OK;
}

static bool is_repeated(const struct rh_collector *collector, size_t index)
{
	const struct rh_collected *item = &collector->items[index];

	for (size_t i = 0; i < index; i++) {
		if (collector->items[i].code == item->code &&
		    strcmp(collector->items[i].note, item->note) == 0) {
			return true;
		}
	}
	return false;
}

bool rh_collector_counts(const struct rh_collector *collector, size_t index)
{
	/* Who does not move loses nothing on the way. */
	bool is_refused = rh_collector_refusal(collector) != NULL;

	return !is_repeated(collector, index) &&
	       (!is_refused || is_refusal(&collector->items[index]));
}

/* Without an id the place stands for the account: "row 7 (line 8, column 1)". */
static struct rh_str place_of(const struct rh_collected *item, uint64_t record,
			      char place[EXAMPLE_MAX])
{
	bool has_path = item->path[0] != '\0';

	(void)snprintf(place, EXAMPLE_MAX, "row %llu%s%.80s%s", (unsigned long long)record,
		       has_path ? " (" : "", has_path ? item->path : "", has_path ? ")" : "");
	return rh_str_from(place);
}

int rh_groups_add(struct rh_groups *groups, const struct rh_collector *collector,
		  struct rh_str source_id, uint64_t record, uint16_t *numbers, size_t *count)
{
	char place[EXAMPLE_MAX];
	size_t added = 0;

	for (size_t i = 0; i < collector->count; i++) {
		const struct rh_collected *item = &collector->items[i];
		struct rh_str example = source_id;
		struct group *group;
		if (!rh_collector_counts(collector, i)) {
			continue;
		}
		group = find_group(groups, item->code, item->note);
		if (group == NULL) {
			return RH_ENOMEM;
		}
		if (example.ptr == NULL) {
			example = place_of(item, record, place);
		}
		add_one(group, example);
		if (numbers != NULL) {
			numbers[added++] = (uint16_t)(group - groups->items);
		}
	}
	if (count != NULL) {
		*count = added;
	}
	return RH_OK;
}

static void take_back(struct group *group, struct rh_str source_id)
{
	char text[EXAMPLE_MAX];

	group->count--;
	copy_text(text, sizeof(text), source_id);
	for (size_t i = 0; i < group->kept; i++) {
		if (strcmp(group->examples[i], text) == 0) {
			group->kept--;
			memmove(group->examples + i, group->examples + i + 1,
				(group->kept - i) * EXAMPLE_MAX);
			return;
		}
	}
}

void rh_groups_take_back(struct rh_groups *groups, const uint16_t *numbers, size_t count,
			 struct rh_str source_id)
{
	for (size_t i = 0; i < count; i++) {
		take_back(&groups->items[numbers[i]], source_id);
	}
}

int rh_groups_restore(struct rh_groups *groups, enum rh_finding_code code, struct rh_str note,
		      uint64_t count, const struct rh_str *examples, size_t example_count)
{
	char text[RH_COLLECT_NOTE_MAX];
	struct group *group;

	copy_text(text, sizeof(text), note);
	group = find_group(groups, code, text);
	if (group == NULL) {
		return RH_ENOMEM;
	}
	group->count = count;
	for (size_t i = 0; i < example_count && i < EXAMPLES; i++) {
		copy_text(group->examples[i], EXAMPLE_MAX, examples[i]);
	}
	group->kept = example_count < EXAMPLES ? example_count : EXAMPLES;
	return RH_OK;
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left;
	const struct group *b = right;

	if (a->info->severity != b->info->severity) {
		return a->info->severity > b->info->severity ? -1 : 1;
	}
	if (a->count != b->count) {
		return a->count > b->count ? -1 : 1;
	}
	if (a->info->code != b->info->code) {
		return a->info->code < b->info->code ? -1 : 1;
	}
	return strcmp(a->note, b->note);
}

void rh_groups_sort(struct rh_groups *groups)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->count; i++) {
		if (groups->items[i].count > 0) {
			groups->items[kept++] = groups->items[i];
		}
	}
	groups->count = kept;
	if (groups->count > 1) {
		qsort(groups->items, groups->count, sizeof(*groups->items), compare_groups);
	}
	memset(groups->slots, 0, sizeof(groups->slots));
	memset(groups->recent, 0, sizeof(groups->recent));
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->items[i];
		*find_slot(groups, group->info->code, group->note) = (uint16_t)(i + 1);
	}
}

size_t rh_groups_count(const struct rh_groups *groups)
{
	return groups->count;
}

void rh_groups_get(const struct rh_groups *groups, size_t index, struct rh_finding_group *out)
{
	const struct group *group = &groups->items[index];

	*out = (struct rh_finding_group){.info = group->info,
					 .note = group->note,
					 .count = group->count};
	for (size_t i = 0; i < EXAMPLES; i++) {
		out->examples[i] = i < group->kept ? group->examples[i] : NULL;
	}
}
