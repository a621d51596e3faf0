/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers in the one form in which they are compared and sent. */
#ifndef ACCOUNT_NORMALISE_H
#define ACCOUNT_NORMALISE_H

#include <rehome/account.h>

struct rh_arena;

/*
 * E-mail: trimmed; one '@'; local part at most 64 bytes, whole at most 254, no blanks or control bytes;
 * lower case; the domain as A-label (IDNA 2008) with at least one dot.  False: not an address, *out
 * untouched; *why is then a constant text.  ASCII takes a fast path without the Unicode libraries.
 */
bool rh_normalise_email(struct rh_arena *arena, struct rh_str text, struct rh_str *out,
			const char **why);

/* Phone: blanks, dots, dashes and brackets removed; '+', then 7 to 15 digits, the first not 0 (E.164). */
bool rh_normalise_phone(struct rh_arena *arena, struct rh_str text, struct rh_str *out,
			const char **why);

/* The form in which an identifier is compared for duplicates: NFKC-casefold of the normalised value, in the arena; or
 * the text itself where that is its form, living as long as it. */
bool rh_normalise_key(struct rh_arena *arena, struct rh_str text, struct rh_str *out);

/* A password in the form in which some sources hash it: NFKC.  What is no UTF-8 stays as it is.  The arena should
 * be one that is wiped.  False: memory. */
bool rh_normalise_password(struct rh_arena *arena, struct rh_str text, struct rh_str *out);

/* TOTP secret to Base32, upper case, unpadded; takes Base32 with blanks, or otpauth:// with SHA1/6/30. */
bool rh_normalise_totp(struct rh_arena *arena, struct rh_str text, struct rh_str *out,
		       const char **why);

#endif
