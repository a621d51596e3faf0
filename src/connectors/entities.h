/* SPDX-License-Identifier: Apache-2.0 */
/* What the maps of entities (entity.h) say alike: lists of slugs, ids made of two, texts of a record. */
#ifndef CONNECTORS_ENTITIES_H
#define CONNECTORS_ENTITIES_H

#include <rehome/entity.h>

/* One record of an entity being read; whatever is out of memory stays in `code`. */
struct rh_entity_read {
	const struct rh_json_node *node;
	struct rh_arena *arena;
	struct rh_finding_sink *findings; /* may be NULL */
	struct rh_entity *out;
	int code; /* RH_OK, RH_ENOMEM */
};

/* A text of a member, copied; absent when it is empty or no text. */
struct rh_str rh_entity_text(struct rh_entity_read *read, const struct rh_json_node *object,
			     const char *name);
/* Texts of an array: the elements themselves, or `member` of each of them where that is not NULL. */
void rh_entity_texts(struct rh_entity_read *read, const struct rh_json_node *array,
		     const char *member, const struct rh_str **out, size_t *count);
/* A time in milliseconds since 1970, or RFC 3339 text; 0: it is neither. */
rh_time rh_entity_time(const struct rh_json_node *object, const char *name);
/* An address in compared form, a domain in lower case and as A-label; what the rules refuse stays as it stands, in lower
 * case. */
struct rh_str rh_entity_email(struct rh_entity_read *read, const char *name);
struct rh_str rh_entity_domain(struct rh_entity_read *read, const char *name);
/* One bucket of metadata; a finding where it is no object. */
void rh_entity_metadata(struct rh_entity_read *read, const char *name, enum rh_metadata_kind kind);
/* A finding that the record lacks what it needs; `what` is a constant word. */
void rh_entity_broken(struct rh_entity_read *read, const char *what);
/* `a`, a blank and `b`; absent where one of them is. */
struct rh_str rh_entity_join(struct rh_entity_read *read, struct rh_str a, struct rh_str b);

/* ---- wire ------------------------------------------------------------------------------------------------- */

/* No field counts. */
void rh_entity_wire_clear(struct rh_wire *wire);
/* Counts from then on, unless it is absent or empty. */
void rh_entity_wire_set(struct rh_wire *wire, unsigned field, struct rh_str value);
/* Slugs in ascending order of bytes, joined by a blank, in the arena; absent: there are none.  RH_OK, RH_ENOMEM. */
RH_NODISCARD int rh_entity_slugs(const struct rh_str *slugs, size_t count, struct rh_arena *arena,
				 struct rh_str *out);
RH_NODISCARD int rh_entity_link_slugs(const struct rh_link *links, size_t count,
				      struct rh_arena *arena, struct rh_str *out);
/* The id under which an entity goes: the source's own external id, or its id at the source. */
struct rh_str rh_entity_external_id(const struct rh_entity *entity);

#endif
