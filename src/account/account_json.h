/* SPDX-License-Identifier: Apache-2.0 */
/* An account as JSON: for people and tests everything but its secrets; whole for an archive, and back. */
#ifndef ACCOUNT_ACCOUNT_JSON_H
#define ACCOUNT_ACCOUNT_JSON_H

#include <rehome/account.h>

struct rh_arena;
struct rh_json_node;
struct rh_json_writer;

/*
 * Writes one object.  Absent texts, empty lists and flags that are not set are left out.  A credential is
 * told by state, scheme and label; a factor by kind, and whether the secret is there; never a hash, a salt,
 * a key or a TOTP secret.
 */
void rh_account_json_put(struct rh_json_writer *writer, const struct rh_account *account);

/*
 * The same with everything: hashes, salts, keys, TOTP secrets and backup codes, times to the microsecond.  The writer's
 * buffer is to be a secret one.
 */
void rh_account_json_put_whole(struct rh_json_writer *writer, const struct rh_account *account);

/*
 * Reads what rh_account_json_put_whole wrote.  Texts live as long as the node's document and the arena.  Members that are
 * not known are passed over.  RH_OK, RH_ENOMEM; RH_EINPUT: a value of another type or name than the form has, whose
 * member *path (a constant text) names; RH_ELIMIT: more entries than an account may have.
 */
RH_NODISCARD int rh_account_json_take(const struct rh_json_node *node, struct rh_arena *arena,
				      struct rh_account *out, const char **path);

#endif
