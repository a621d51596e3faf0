/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the mapping share: the record on its way, its lists, where findings go. */
#ifndef CONNECTORS_CLERK_CLERK_MAP_H
#define CONNECTORS_CLERK_CLERK_MAP_H

#include <rehome/connector.h>

#include "account/builder.h"
#include "connectors/clerk/clerk_fields.h"

/* One record on its way.  `status` sticks: after the first failure nothing more is added. */
struct clerk_map {
	struct clerk_fields fields;
	struct rh_builder builder;
	struct rh_account *account;
	struct rh_arena *arena;
	struct rh_finding_sink *findings;
	struct rh_str primary_email_id;
	struct rh_str primary_phone_id;
	uint32_t backup_code_count;
	struct rh_str *backup_codes; /* the texts among them; secret */
	size_t backup_code_texts;
	size_t wallet_count;
	uint32_t passkey_count;
	int status;
};

/* One entry of a list: text, or an object. */
struct clerk_item {
	enum clerk_field field;
	size_t index;
	struct rh_str text;
	bool is_object;
	const struct rh_json_node *member[CLERK_MEMBERS]; /* of an object; else not set */
};

typedef void clerk_take_fn(struct clerk_map *map, const struct clerk_item *item);

/* The first failure counts. */
void clerk_map_keep_status(struct clerk_map *map, int code);
void clerk_map_find(struct clerk_map *map, enum rh_finding_code code, struct rh_str path,
		    struct rh_str note);
void clerk_map_find_field(struct clerk_map *map, enum rh_finding_code code, enum clerk_field field);
/* `member` of an object in a list; NULL: the entry itself.  `why` as below; may be NULL. */
void clerk_map_find_item(struct clerk_map *map, enum rh_finding_code code,
			 const struct clerk_item *item, const char *member, const char *why);

/* Why a value was not taken, told by `code` at `path`; want of memory is none of the record's faults. */
void clerk_map_find_invalid(struct clerk_map *map, enum rh_finding_code code, const char *path,
			    const char *why);

/* A copy in the arena: the record is gone when the next one is read. */
struct rh_str clerk_map_keep(struct clerk_map *map, struct rh_str text);
/* The text of a field, borrowed, or a copy of it; absent also when its type is wrong, which is said. */
struct rh_str clerk_map_borrow(struct clerk_map *map, enum clerk_field field);
struct rh_str clerk_map_text(struct clerk_map *map, enum clerk_field field);
bool clerk_map_bool(struct clerk_map *map, enum clerk_field field, bool fallback);

/*
 * clerk_list.c: every entry of a list, whatever its form: an array of objects or texts, entries joined by
 * '|' or ',', or the text of a JSON array.  Texts come trimmed, empty ones not at all.
 */
void clerk_map_each(struct clerk_map *map, enum clerk_field field, clerk_take_fn *take);
/* Verified is what says so, and nothing else. */
bool clerk_map_is_verified(const struct clerk_item *item);

/* clerk_identifiers.c */
void clerk_map_identifiers(struct clerk_map *map, enum rh_primary_policy policy);
/* clerk_factors.c: second factors, passkeys, wallets; then links to other providers. */
void clerk_map_factors(struct clerk_map *map);
void clerk_map_identities(struct clerk_map *map);

#endif
