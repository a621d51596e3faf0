/* SPDX-License-Identifier: Apache-2.0 */
/* Values of records and accounts with their shape alone: letters become x, digits 0. */
#ifndef CLI_MASK_H
#define CLI_MASK_H

#include <rehome/account.h>

#include "base/json.h"

struct rh_arena;

/* A string: its shape; or, `shows`, itself, unless it is a password hash. */
void rh_mask_text(struct rh_json_writer *writer, struct rh_str text, bool shows);
/* A value with all strings and numbers in it masked; names, true and false stay. */
void rh_mask_node(struct rh_json_writer *writer, const struct rh_json_node *node, bool shows);
/* An account as account_json.h writes it, without secrets. */
void rh_mask_account(struct rh_json_writer *writer, const struct rh_account *account,
		     struct rh_arena *arena, bool shows);

#endif
