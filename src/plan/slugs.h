/* SPDX-License-Identifier: Apache-2.0 */
/* Slugs of roles and permissions from one provider to another: --role-map, else the common form; --role-priority. */
#ifndef PLAN_SLUGS_H
#define PLAN_SLUGS_H

#include <rehome/entity.h>

struct rh_settings;
struct rh_slugs;

/* RH_EUSAGE: the file of --role-map is no map. */
RH_NODISCARD int rh_slugs_open(struct rh_slugs **out, const struct rh_settings *settings,
			       const struct rh_entity_rules *source,
			       const struct rh_entity_rules *target, struct rh_err *err);
void rh_slugs_close(struct rh_slugs *slugs); /* accepts NULL */
/* Of the file's bytes; zeros where there is none. */
void rh_slugs_digest(const struct rh_slugs *slugs, uint8_t out[32]);
/* 1: *out, in the arena or the map; 0: the target cannot write it; < 0 error. */
RH_NODISCARD int rh_slugs_at_target(const struct rh_slugs *slugs, enum rh_kind kind,
				    struct rh_str slug, struct rh_arena *arena, struct rh_str *out,
				    struct rh_err *err);
/* The most important first: those that --role-priority names (by either slug), in its order, then the others as they
 * are. */
void rh_slugs_sort(const struct rh_slugs *slugs, struct rh_link *roles, size_t count);

#endif
