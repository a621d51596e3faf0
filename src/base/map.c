/* SPDX-License-Identifier: Apache-2.0 */
/* Hash map: open addressing, linear probing, SipHash-1-3; removal moves the followers back. */
#include "base/map.h"

#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

enum { FIRST_SLOTS = 16 };

struct slot {
	char *key; /* NULL: free slot */
	size_t key_len;
	uint64_t hash;
	uint64_t value;
};

struct rh_map {
	struct slot *slots;
	size_t slot_count; /* 0 or a power of two */
	size_t count;
	uint64_t seed[2];
};

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return (word << bits) | (word >> (64 - bits));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash with one round a word and three at the end; words in the machine's byte order, which changes
 * the value from machine to machine and nothing else. */
static uint64_t hash_of(const uint64_t seed[2], struct rh_str key)
{
	uint64_t v[4] = {
		seed[0] ^ UINT64_C(0x736f6d6570736575),
		seed[1] ^ UINT64_C(0x646f72616e646f6d),
		seed[0] ^ UINT64_C(0x6c7967656e657261),
		seed[1] ^ UINT64_C(0x7465646279746573),
	};
	uint64_t word;
	size_t at = 0;

	for (; key.len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, key.ptr + at, sizeof(word));
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = 0;
	if (key.len > at) {
		memcpy(&word, key.ptr + at, key.len - at);
	}
	word ^= (uint64_t)key.len << 56;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct rh_map *rh_map_new(uint64_t seed)
{
	struct rh_map *map = rh_malloc(sizeof(*map));

	if (map != NULL) {
		*map = (struct rh_map){
			.seed = {seed, rotate(seed, 29) * UINT64_C(0x9e3779b97f4a7c15)},
		};
	}
	return map;
}

void rh_map_free(struct rh_map *map)
{
	if (map == NULL) {
		return;
	}
	for (size_t i = 0; i < map->slot_count; i++) {
		rh_free(map->slots[i].key);
	}
	rh_free(map->slots);
	rh_free(map);
}

size_t rh_map_count(const struct rh_map *map)
{
	return map->count;
}

/* The slot that holds the key, or the free one where it would go.  There is always a free one. */
static size_t probe(const struct rh_map *map, struct rh_str key, uint64_t hash)
{
	size_t mask = map->slot_count - 1;
	size_t at = (size_t)hash & mask;

	while (map->slots[at].key != NULL) {
		const struct slot *slot = &map->slots[at];

		if (slot->hash == hash && slot->key_len == key.len &&
		    (key.len == 0 || memcmp(slot->key, key.ptr, key.len) == 0)) {
			break;
		}
		at = (at + 1) & mask;
	}
	return at;
}

bool rh_map_find(const struct rh_map *map, struct rh_str key, uint64_t *out)
{
	size_t at;

	if (map->count == 0) {
		return false;
	}
	at = probe(map, key, hash_of(map->seed, key));
	if (map->slots[at].key == NULL) {
		return false;
	}
	*out = map->slots[at].value;
	return true;
}

static int grow(struct rh_map *map)
{
	size_t old_count = map->slot_count;
	size_t slot_count = old_count != 0 ? old_count * 2 : FIRST_SLOTS;
	size_t mask = slot_count - 1;
	struct slot *slots = rh_calloc(slot_count, sizeof(*slots));

	if (slots == NULL) {
		return RH_ENOMEM;
	}
	for (size_t i = 0; i < old_count; i++) {
		size_t at = (size_t)map->slots[i].hash & mask;

		if (map->slots[i].key == NULL) {
			continue;
		}
		while (slots[at].key != NULL) {
			at = (at + 1) & mask;
		}
		slots[at] = map->slots[i];
	}
	rh_free(map->slots);
	map->slots = slots;
	map->slot_count = slot_count;
	return RH_OK;
}

int rh_map_put(struct rh_map *map, struct rh_str key, uint64_t value)
{
	uint64_t hash = hash_of(map->seed, key);
	struct slot *slot;
	char *copy;

	/* Three quarters full at most. */
	if (map->count >= map->slot_count / 4 * 3) {
		int status = grow(map);

		if (status != RH_OK) {
			return status;
		}
	}
	slot = &map->slots[probe(map, key, hash)];
	if (slot->key != NULL) {
		slot->value = value;
		return RH_OK;
	}
	copy = rh_malloc(key.len);
	if (copy == NULL) {
		return RH_ENOMEM;
	}
	if (key.len > 0) {
		memcpy(copy, key.ptr, key.len);
	}
	*slot = (struct slot){
		.key = copy,
		.key_len = key.len,
		.hash = hash,
		.value = value,
	};
	map->count++;
	return RH_OK;
}

bool rh_map_remove(struct rh_map *map, struct rh_str key)
{
	size_t mask = map->slot_count - 1;
	size_t hole;

	if (map->count == 0) {
		return false;
	}
	hole = probe(map, key, hash_of(map->seed, key));
	if (map->slots[hole].key == NULL) {
		return false;
	}
	rh_free(map->slots[hole].key);
	for (size_t at = (hole + 1) & mask; map->slots[at].key != NULL; at = (at + 1) & mask) {
		size_t home = (size_t)map->slots[at].hash & mask;

		/* It may move into the hole unless its home lies behind the hole. */
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			map->slots[hole] = map->slots[at];
			hole = at;
		}
	}
	map->slots[hole] = (struct slot){0};
	map->count--;
	return true;
}

bool rh_map_next(const struct rh_map *map, size_t *position, struct rh_str *key, uint64_t *value)
{
	while (*position < map->slot_count) {
		const struct slot *slot = &map->slots[*position];

		(*position)++;
		if (slot->key != NULL) {
			*key = (struct rh_str){
				.ptr = slot->key,
				.len = slot->key_len,
			};
			*value = slot->value;
			return true;
		}
	}
	return false;
}
