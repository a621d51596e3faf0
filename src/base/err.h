/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in struct rh_err, and adding context while an error climbs. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <rehome/types.h>

/* Sets code and message (printf form), clears hint and position; err may be NULL.  Returns code. */
int rh_err_set(struct rh_err *err, int code, const char *fmt, ...) RH_PRINTF(3, 4);

/* As rh_err_set, and appends ": " with the text of errno value `number`.  A full disk and its like bring a hint. */
int rh_err_errno(struct rh_err *err, int code, int number, const char *fmt, ...) RH_PRINTF(4, 5);

/* Sets the hint; err may be NULL. */
void rh_err_hint(struct rh_err *err, const char *fmt, ...) RH_PRINTF(2, 3);

/* Puts "context: " before the message, as far as it fits; err may be NULL.  Returns err->code (or code if
 * err is NULL). */
int rh_err_context(struct rh_err *err, int code, const char *fmt, ...) RH_PRINTF(3, 4);

#endif
