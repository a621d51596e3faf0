/* SPDX-License-Identifier: Apache-2.0 */
/* Names that the writer and the reader of an account's JSON share. */
#ifndef ACCOUNT_ACCOUNT_JSON_INTERNAL_H
#define ACCOUNT_ACCOUNT_JSON_INTERNAL_H

#include "account/account_json.h"

#define RH_IDENTIFIER_NAMES (RH_IDENTIFIER_USERNAME + 1)
#define RH_FACTOR_NAMES (RH_FACTOR_PASSKEY + 1)
#define RH_SALT_NAMES (RH_SALT_UNKNOWN + 1)

extern const char *const rh_identifier_names[RH_IDENTIFIER_NAMES];
extern const char *const rh_factor_names[RH_FACTOR_NAMES];
extern const char *const rh_metadata_names[RH_METADATA_KINDS];
extern const char *const rh_salt_names[RH_SALT_NAMES];

struct rh_flag_name {
	unsigned flag; /* enum rh_account_flags */
	const char *name;
};
extern const struct rh_flag_name rh_account_flag_names[]; /* ended by a NULL name */

#endif
