/* SPDX-License-Identifier: Apache-2.0 */
/* An account as JSON for people and tests: everything but its secrets. */
#ifndef ACCOUNT_ACCOUNT_JSON_H
#define ACCOUNT_ACCOUNT_JSON_H

#include <rehome/account.h>

struct rh_json_writer;

/*
 * Writes one object.  Absent texts, empty lists and flags that are not set are left out.  A credential is
 * told by state, scheme and label; a factor by kind, and whether the secret is there; never a hash, a salt,
 * a key or a TOTP secret.
 */
void rh_account_json_put(struct rh_json_writer *writer, const struct rh_account *account);

#endif
