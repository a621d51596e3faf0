/* SPDX-License-Identifier: Apache-2.0 */
/* What an input is, by its first bytes. */
#ifndef READ_SNIFF_H
#define READ_SNIFF_H

#include "read/window.h"

/*
 * Consumes a byte-order mark.  RH_OK with *is_json: blanks as well, and the window stands at '{' or '[';
 * else there is something that may be delimited text.  RH_EINPUT: the input is empty, or plainly something else,
 * which the hint then names.
 */
RH_NODISCARD int rh_sniff(struct rh_window *window, bool *is_json, struct rh_err *err);

#endif
