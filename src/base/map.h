/* SPDX-License-Identifier: Apache-2.0 */
/* Hash map from text to a pointer-sized value; keys are copied; seeded SipHash-like hash against flooding. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <rehome/types.h>

struct rh_map;

struct rh_map *rh_map_new(uint64_t seed); /* NULL: memory out */
void rh_map_free(struct rh_map *map);     /* accepts NULL; values are the caller's */
size_t rh_map_count(const struct rh_map *map);
/* The value of `key`; false: not there. */
bool rh_map_find(const struct rh_map *map, struct rh_str key, uint64_t *out);
/* Sets or replaces; RH_OK or RH_ENOMEM. */
RH_NODISCARD int rh_map_put(struct rh_map *map, struct rh_str key, uint64_t value);
bool rh_map_remove(struct rh_map *map, struct rh_str key);
/* Iteration in no order: *position starts at 0; false at the end. */
bool rh_map_next(const struct rh_map *map, size_t *position, struct rh_str *key, uint64_t *value);

#endif
