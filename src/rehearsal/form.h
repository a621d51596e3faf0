/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of text that more than one imitation asks for, strictly: what a provider asks beyond them it says itself. */
#ifndef REHEARSAL_FORM_H
#define REHEARSAL_FORM_H

#include <rehome/types.h>

struct rh_arena;

/* Base64 of the standard alphabet; with padding to a multiple of 4, or without any; empty is empty.  false: it is none. */
bool rh_form_base64(struct rh_arena *arena, struct rh_str text, bool is_padded, struct rh_str *out);
/*
 * "local@label.label": local 1 to 64 bytes of RFC 5322's atoms and dots, the whole at most 254; two labels or more
 * of letters, digits and inner dashes, 1 to 63 bytes, the last 2 at least.  Beyond ASCII every byte is a letter.
 * *out_top (may be NULL) is the last label.
 */
bool rh_form_is_email(struct rh_str text, struct rh_str *out_top);
/* Letters, digits and inner dashes, as above. */
bool rh_form_is_label(struct rh_str label);

#endif
