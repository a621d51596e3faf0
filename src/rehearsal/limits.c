/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: fixed windows for each bucket, and for each key of a keyed bucket. */
#include "rehearsal/limits.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"

enum {
	KEYS_MAX = 65536,
	KEY_LEN_MAX = 1024, /* an e-mail address is below 320 */
};

int rh_limits_init(struct rh_limits *limits, const struct rh_quota *buckets, size_t count,
		   const struct rh_limits_mode *mode)
{
	assert(count <= RH_QUOTAS_MAX);
	*limits = (struct rh_limits){
		.count = count,
	};
	for (size_t i = 0; i < count; i++) {
		struct rh_limit *limit = &limits->limits[i];

		*limit = (struct rh_limit){
			.bucket = &buckets[i],
			.is_enforced = mode->is_enforced,
			.limit = buckets[i].limit,
			.window_us = buckets[i].window_us,
		};
		if (mode->custom_limit != 0) {
			limit->is_enforced = mode->is_enforced && buckets[i].is_write;
			if (buckets[i].is_write) {
				limit->limit = mode->custom_limit;
				limit->window_us = mode->custom_window_us;
			}
		}
	}
	limits->keys = rh_map_new(0);
	return limits->keys != NULL ? RH_OK : RH_ENOMEM;
}

static void forget_keys(struct rh_limits *limits)
{
	rh_map_free(limits->keys);
	limits->keys = NULL;
	rh_free(limits->windows);
	limits->windows = NULL;
	limits->window_count = 0;
}

void rh_limits_done(struct rh_limits *limits)
{
	forget_keys(limits);
	*limits = (struct rh_limits){0};
}

void rh_limits_reset(struct rh_limits *limits)
{
	forget_keys(limits);
	for (size_t i = 0; i < limits->count; i++) {
		limits->limits[i].window = (struct rh_window){0};
		limits->limits[i].most = 0;
		limits->limits[i].refused = 0;
	}
}

/* Starts a new window when the old one has ended; how long until this one ends. */
static int64_t turn(const struct rh_limit *limit, struct rh_window *window, rh_time now)
{
	if (window->start == 0 || now >= window->start + limit->window_us || now < window->start) {
		*window = (struct rh_window){
			.start = now,
		};
	}
	return window->start + limit->window_us - now;
}

static void count(struct rh_limit *limit, struct rh_window *window)
{
	window->count++;
	if (window->count > limit->most) {
		limit->most = window->count;
	}
}

static bool is_empty(const struct rh_limit *limit, const struct rh_window *window)
{
	return limit->is_enforced && window->count >= limit->limit;
}

bool rh_limits_draw(struct rh_limits *limits, uint32_t mask, rh_time now, int64_t *out_wait)
{
	int64_t wait = 0;

	for (size_t i = 0; i < limits->count; i++) {
		struct rh_limit *limit = &limits->limits[i];
		int64_t left;

		if ((mask & (UINT32_C(1) << i)) == 0) {
			continue;
		}
		left = turn(limit, &limit->window, now);
		if (is_empty(limit, &limit->window)) {
			limit->refused++;
			wait = left > wait ? left : wait;
		}
	}
	if (wait > 0) {
		*out_wait = wait;
		return false;
	}
	for (size_t i = 0; i < limits->count; i++) {
		if ((mask & (UINT32_C(1) << i)) != 0) {
			count(&limits->limits[i], &limits->limits[i].window);
		}
	}
	return true;
}

/* The window of a key; NULL: memory out. */
static struct rh_window *key_window(struct rh_limits *limits, struct rh_str name)
{
	uint64_t place;
	struct rh_window *windows;

	if (limits->keys == NULL) {
		limits->keys = rh_map_new(0);
		if (limits->keys == NULL) {
			return NULL;
		}
	}
	if (rh_map_find(limits->keys, name, &place)) {
		return &limits->windows[place];
	}
	/* Grows by doubling: a power of two is full. */
	if ((limits->window_count & (limits->window_count - 1)) == 0) {
		size_t cap = limits->window_count != 0 ? limits->window_count * 2 : 1;

		windows = rh_realloc(limits->windows, cap * sizeof(*windows));
		if (windows == NULL) {
			return NULL;
		}
		limits->windows = windows;
	}
	if (rh_map_put(limits->keys, name, limits->window_count) != RH_OK) {
		return NULL;
	}
	limits->windows[limits->window_count] = (struct rh_window){0};
	return &limits->windows[limits->window_count++];
}

bool rh_limits_draw_key(struct rh_limits *limits, size_t bucket, struct rh_str key, rh_time now,
			int64_t *out_wait)
{
	struct rh_limit *limit = &limits->limits[bucket];
	struct rh_window *window;
	rh_autobuf name = {0};
	int64_t left;

	if (limits->window_count >= KEYS_MAX) {
		forget_keys(limits);
	}
	rh_buf_init(&name, KEY_LEN_MAX);
	rh_buf_add_u64(&name, bucket);
	rh_buf_add_char(&name, ':');
	for (size_t i = 0; i < key.len; i++) {
		char byte = key.ptr[i];

		rh_buf_add_char(&name,
				byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte);
	}
	window = name.failed == 0 ? key_window(limits, rh_buf_str(&name)) : NULL;
	if (window == NULL) {
		return true; /* a key beyond all sense, or no memory: it is let through */
	}
	left = turn(limit, window, now);
	if (is_empty(limit, window)) {
		limit->refused++;
		*out_wait = left;
		return false;
	}
	count(limit, window);
	return true;
}
