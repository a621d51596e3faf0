/* SPDX-License-Identifier: Apache-2.0 */
/* One metadata bucket as compact JSON object text, whatever form the source gives it in. */
#ifndef ACCOUNT_METADATA_H
#define ACCOUNT_METADATA_H

#include <rehome/types.h>

struct rh_arena;
struct rh_json_node;

/* Compact text of an object, in the arena; null, an absent node and an object without members give an
 * absent *out.  Numbers keep their digits.  RH_OK; RH_EINPUT: not an object; RH_ENOMEM. */
RH_NODISCARD int rh_metadata_from_node(struct rh_arena *arena, const struct rh_json_node *node,
				       struct rh_str *out);
/* The same from JSON text (not written to); empty or absent text gives an absent *out. */
RH_NODISCARD int rh_metadata_from_text(struct rh_arena *arena, struct rh_str text,
				       struct rh_str *out);

/*
 * Of two objects (compact text; absent: none): `present` with the members of `added` beside and in place of its own;
 * absent when nothing is in it.  RH_OK, RH_EINPUT: one is no object, RH_ENOMEM.
 */
RH_NODISCARD int rh_metadata_merge(struct rh_arena *arena, struct rh_str present,
				   struct rh_str added, struct rh_str *out);
/* The members that turn `present` into `wanted` where they are merged key by key: null takes one away.  Absent
 * when they are the same.  Errors as above. */
RH_NODISCARD int rh_metadata_patch(struct rh_arena *arena, struct rh_str present,
				   struct rh_str wanted, struct rh_str *out);

#endif
