/* SPDX-License-Identifier: Apache-2.0 */
/* Repeats: a ring of answers with an index by key. */
#include "rehearsal/repeat.h"

#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"

/* One answer: key and body stand in one block. */
struct kept {
	char *text; /* NULL: free place */
	size_t key_len;
	size_t body_len;
	uint8_t digest[RH_DIGEST_LEN]; /* of the request's body */
	unsigned status;
	const char *content_type;
};

struct rh_repeats {
	struct rh_map *places; /* key -> place in the ring */
	size_t next;
	struct kept ring[RH_REPEATS_MAX];
};

struct rh_repeats *rh_repeats_new(void)
{
	rh_autofree struct rh_repeats *repeats = rh_calloc(1, sizeof(*repeats));

	if (repeats == NULL) {
		return NULL;
	}
	repeats->places = rh_map_new(0);
	return repeats->places != NULL ? rh_take(&repeats) : NULL;
}

static void forget(struct rh_repeats *repeats, size_t place)
{
	struct kept *kept = &repeats->ring[place];

	if (kept->text == NULL) {
		return;
	}
	(void)rh_map_remove(repeats->places,
			    (struct rh_str){.ptr = kept->text, .len = kept->key_len});
	rh_free(kept->text);
	*kept = (struct kept){0};
}

void rh_repeats_reset(struct rh_repeats *repeats)
{
	for (size_t i = 0; i < RH_REPEATS_MAX; i++) {
		forget(repeats, i);
	}
	repeats->next = 0;
}

void rh_repeats_free(struct rh_repeats *repeats)
{
	if (repeats != NULL) {
		rh_repeats_reset(repeats);
		rh_map_free(repeats->places);
		rh_free(repeats);
	}
}

enum rh_repeat rh_repeats_find(const struct rh_repeats *repeats, struct rh_str key,
			       const uint8_t body_digest[RH_DIGEST_LEN], struct rh_call *call)
{
	const struct kept *kept;
	uint64_t place;

	if (!rh_map_find(repeats->places, key, &place)) {
		return RH_REPEAT_NEW;
	}
	kept = &repeats->ring[place];
	if (memcmp(kept->digest, body_digest, RH_DIGEST_LEN) != 0) {
		return RH_REPEAT_OTHER;
	}
	call->status = kept->status;
	call->content_type = kept->content_type;
	rh_buf_reset(&call->out);
	rh_buf_add(&call->out, kept->text + kept->key_len, kept->body_len);
	return RH_REPEAT_SAME;
}

void rh_repeats_keep(struct rh_repeats *repeats, struct rh_str key,
		     const uint8_t body_digest[RH_DIGEST_LEN], const struct rh_call *call)
{
	size_t place = repeats->next;
	char *text = rh_malloc(key.len + call->out.len);

	if (text == NULL) {
		return;
	}
	memcpy(text, key.ptr, key.len);
	if (call->out.len > 0) {
		memcpy(text + key.len, call->out.ptr, call->out.len);
	}
	forget(repeats, place);
	if (rh_map_put(repeats->places, key, place) != RH_OK) {
		rh_free(text);
		return;
	}
	repeats->ring[place] = (struct kept){
		.text = text,
		.key_len = key.len,
		.body_len = call->out.len,
		.status = call->status,
		.content_type = call->content_type,
	};
	memcpy(repeats->ring[place].digest, body_digest, RH_DIGEST_LEN);
	repeats->next = (place + 1) % RH_REPEATS_MAX;
}
