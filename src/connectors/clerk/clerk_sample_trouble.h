/* SPDX-License-Identifier: Apache-2.0 */
/* What may be wrong with a made-up export: the kinds, and how each is done. */
#ifndef CONNECTORS_CLERK_CLERK_SAMPLE_TROUBLE_H
#define CONNECTORS_CLERK_CLERK_SAMPLE_TROUBLE_H

#include "connectors/clerk/clerk.h"

struct clerk_person;
struct rh_buf;

/* NONE: nothing.  The order is that of the records in a file; kinds that end it come last. */
enum clerk_trouble {
	CLERK_TROUBLE_NONE,
	/* the record */
	CLERK_TROUBLE_NO_ID,
	CLERK_TROUBLE_NO_IDENTIFIER,
	CLERK_TROUBLE_PHONE_ONLY,
	CLERK_TROUBLE_BAD_EMAIL,
	CLERK_TROUBLE_NO_PRIMARY,
	CLERK_TROUBLE_DUPLICATE_ID,
	CLERK_TROUBLE_DUPLICATE_EMAIL,
	CLERK_TROUBLE_DUPLICATE_CASE,
	CLERK_TROUBLE_DUPLICATE_WIDE,
	CLERK_TROUBLE_DUPLICATE_PHONE,
	CLERK_TROUBLE_DUPLICATE_USERNAME,
	CLERK_TROUBLE_BANNED,
	/* identifiers */
	CLERK_TROUBLE_UNVERIFIED,
	CLERK_TROUBLE_SECOND_EMAIL,
	CLERK_TROUBLE_BAD_SECOND_EMAIL,
	CLERK_TROUBLE_PHONE,
	CLERK_TROUBLE_BAD_PHONE,
	CLERK_TROUBLE_USERNAME,
	CLERK_TROUBLE_BAD_USERNAME,
	/* credential */
	CLERK_TROUBLE_UNKNOWN_HASHER,
	CLERK_TROUBLE_MISLABELLED_HASH,
	CLERK_TROUBLE_BROKEN_HASH,
	CLERK_TROUBLE_UNSUPPORTED_HASH,
	CLERK_TROUBLE_WEAK_HASH,
	CLERK_TROUBLE_MISSING_HASH,
	CLERK_TROUBLE_REDACTED_HASH,
	CLERK_TROUBLE_UNPROVEN_HASH,
	CLERK_TROUBLE_SALTED_HASH,
	CLERK_TROUBLE_NO_PASSWORD,
	/* factors and identities */
	CLERK_TROUBLE_TOTP,
	CLERK_TROUBLE_BAD_TOTP,
	CLERK_TROUBLE_SMS,
	CLERK_TROUBLE_BACKUP_CODES,
	CLERK_TROUBLE_PASSKEY,
	CLERK_TROUBLE_SOCIAL,
	CLERK_TROUBLE_SOCIAL_DIFFERS,
	CLERK_TROUBLE_ENTERPRISE,
	CLERK_TROUBLE_WALLET,
	/* metadata and fields */
	CLERK_TROUBLE_LONG_METADATA,
	CLERK_TROUBLE_NESTED_METADATA,
	CLERK_TROUBLE_BIG_NUMBERS,
	CLERK_TROUBLE_BAD_METADATA,
	CLERK_TROUBLE_PRIVATE_METADATA,
	CLERK_TROUBLE_UNSAFE_METADATA,
	CLERK_TROUBLE_MANY_PAIRS,
	CLERK_TROUBLE_LONG_EXTERNAL_ID,
	CLERK_TROUBLE_LONG_NAME,
	CLERK_TROUBLE_HUGE_FIELD,
	CLERK_TROUBLE_IMAGE,
	CLERK_TROUBLE_LOCALE,
	CLERK_TROUBLE_WRONG_TYPE,
	CLERK_TROUBLE_MANY_ENTRIES,
	/* bytes */
	CLERK_TROUBLE_BAD_UTF8,
	CLERK_TROUBLE_LONE_SURROGATE,
	CLERK_TROUBLE_NUL_BYTE,
	CLERK_TROUBLE_DEEP_NESTING,
	CLERK_TROUBLE_TOO_LARGE,
	CLERK_TROUBLE_BROKEN_RECORD,
	CLERK_TROUBLE_SHORT_ROW,
	CLERK_TROUBLE_LONG_ROW,
	CLERK_TROUBLE_STRAY_QUOTE,
	CLERK_TROUBLE_HEADER_TWICE,
	/* the whole file */
	CLERK_TROUBLE_COLUMN_TWICE,
	CLERK_TROUBLE_WRONG_KIND,
	CLERK_TROUBLE_EMPTY,
	/* behind the last person */
	CLERK_TROUBLE_OPEN_QUOTE,
	CLERK_TROUBLE_TRUNCATED,
	CLERK_TROUBLES,
};

/* Row of kind k of `clerk_sample_troubles` is k - 1. */

/* Does no plan come of a file of this form that has it? */
bool clerk_trouble_stops_plan(enum clerk_trouble trouble, enum rh_sample_form form);
/* Does it stand behind the last person? */
bool clerk_trouble_is_last(enum clerk_trouble trouble);
/* Is it a matter of two records, of which the second has to do with the first? */
bool clerk_trouble_is_pair(enum clerk_trouble trouble);

/* Makes the person plain, and then wrong in the one way; of a pair the first is `twin`, else NULL. */
void clerk_trouble_give(struct clerk_person *person, enum clerk_trouble trouble,
			const struct clerk_person *twin);
/* Spoils the record that starts at `from`, where that is a matter of its bytes. */
void clerk_trouble_spoil(const struct clerk_person *person, enum rh_sample_form form,
			 struct rh_buf *buf, size_t from);

#endif
